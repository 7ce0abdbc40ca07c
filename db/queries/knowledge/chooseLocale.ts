/** The locale to search in: exactly the wanted one, else its language, else English, else the first there is. */
export function chooseLocale(available: readonly string[], wanted: string | undefined): string | undefined {
  const languages = [wanted, 'en'].filter((locale) => locale !== undefined);
  return (
    available.find((locale) => locale.toLowerCase() === wanted?.toLowerCase()) ??
    languages.flatMap((locale) => available.filter((one) => languageOf(one) === languageOf(locale)))[0] ??
    available[0]
  );
}

/** `de-AT` → `de` */
export function languageOf(locale: string): string {
  return locale.split(/[-_]/)[0]?.toLowerCase() ?? '';
}
