/** How many calls one request may hold: more than a page of a dashboard makes at once. */
export const MAX_BATCH = 20;
