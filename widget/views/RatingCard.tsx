import { useState } from 'preact/hooks';
import type { Rating } from '../state/types.ts';
import { copy } from './copy.ts';
import { StarIcon } from './icons.tsx';

interface RatingCardProps {
  rating: Rating;
  online: boolean;
  onRate(rating: number): void;
}

/**
 * Asks how the closed conversation was; mounted anew for each closing, so that nothing is chosen yet. Arrow keys move between
 * stars, so a choice is only sent when the visitor says so.
 */
export function RatingCard({ rating, online, onRate }: RatingCardProps) {
  const [chosen, setChosen] = useState<number>();
  const [pointed, setPointed] = useState<number>();
  const sent = 'value' in rating ? rating.value : undefined;
  const shown = sent ?? pointed ?? chosen ?? 0;
  return (
    <form
      class="rating"
      onSubmit={(event) => {
        event.preventDefault();
        if (chosen !== undefined && sent === undefined) onRate(chosen);
      }}
    >
      <fieldset disabled={sent !== undefined}>
        <legend>{copy.rateQuestion}</legend>
        <div class="stars" onPointerLeave={() => setPointed(undefined)}>
          {copy.ratings.map((words, index) => {
            const value = index + 1;
            return (
              <label
                key={value}
                class={`star ${value <= shown ? 'is-lit' : ''}`}
                title={words}
                onPointerEnter={({ pointerType }) => setPointed(pointerType === 'mouse' ? value : undefined)}
              >
                <input
                  class="sr"
                  type="radio"
                  name="parley-rating"
                  value={value}
                  checked={value === (sent ?? chosen)}
                  aria-label={copy.rating(value, words)}
                  onChange={() => setChosen(value)}
                />
                <StarIcon />
              </label>
            );
          })}
        </div>
        <p class="rating-words" aria-hidden="true">
          {copy.ratings[shown - 1] ?? '\u00a0'}
        </p>
        <button type="submit" class="rate" disabled={chosen === undefined}>
          {copy.rate}
        </button>
      </fieldset>
      {sent !== undefined && !online && <p role="status">{copy.ratingWaits}</p>}
    </form>
  );
}
