import { z } from 'zod';

/** How a visitor liked a conversation: 1 is the worst. */
export const ratingSchema = z.int().min(1).max(5);

/**
 * POST /v1/webchat/rating, Bearer token: the socket's `rate` for clients without one. Answered, as there, with the rating that
 * counts: of one closing that is the first.
 */
export const ratingRequestSchema = z.object({ rating: ratingSchema });

/** How a closed conversation stands: `rating` is null while the visitor has not rated this closing. */
export const closingSchema = z.object({ rating: ratingSchema.nullable() });
export type Closing = z.infer<typeof closingSchema>;
