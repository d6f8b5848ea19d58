/** Longest page of the lists for administrators. */
export const MAX_ADMIN_PAGE = 1000;
