import { languageOf } from './chooseLocale.ts';

// Words of talking to someone, which say nothing about the matter. Postgres' own stop words know only grammar.
const FILLERS: Record<string, string> = {
  en: `hi hello hey dear good morning afternoon evening day please thanks thank cheers ok okay yes no sorry excuse maybe just
    really actually also want wanted wants need needs would could can may might should will like know tell say ask asking
    asked question wonder wondering help let got get getting find see sure possible way make take takes thing anything something someone
    anyone somebody everything much many lot long soon about regarding it's i'm i'd i've don't what's there's hope`,
  de: `hallo hi hey guten tag morgen abend moin servus bitte danke vielen dank ja nein okay ok gern gerne mal eben wohl schon
    möchte mochte will wollte würde wurde könnte konnte kann können konnen muss soll sollte darf weiß weiss wissen wüsste
    sagen frage fragen helfen hilfe gibt geht etwas jemand lange viel viele`,
  fr: `bonjour salut bonsoir merci svp plaît plait oui non voudrais veux pourriez pouvez peux peut puis aimerais savoir dire
    question aide aider besoin y-a-t-il est-ce combien temps`,
  es: `hola buenos buenas días dias tardes noches gracias favor sí si no quiero quisiera puede puedo podría podria saber decir
    pregunta ayuda necesito hay`,
};

const SETS = new Map(Object.entries(FILLERS).map(([language, words]) => [language, new Set(words.split(/\s+/))]));

/** The question without greetings, thanks and other words that would only water the search down. */
export function contentWords(question: string, locale: string): string {
  const fillers = SETS.get(languageOf(locale));
  const words = question.replaceAll('’', "'").match(/[\p{L}\p{N}][\p{L}\p{N}'@./-]*/gu) ?? [];
  return words.filter((word) => !fillers?.has(word.toLowerCase().replace(/[./-]+$/, ''))).join(' ');
}
