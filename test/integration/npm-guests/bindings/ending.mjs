export const bind = () => ({ end: () => process.exit(3) });
