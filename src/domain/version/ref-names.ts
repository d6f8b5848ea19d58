/** The default branch: every repository has it, and it cannot be deleted. */
export const MAIN_REF = 'refs/heads/main';
