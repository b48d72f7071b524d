// Says how large a cover becomes: { width, height }.
export const handler = async ({ width, height }) => {
  const scale = Math.min(1, 320 / Math.max(width, height));
  return { width: Math.round(width * scale), height: Math.round(height * scale) };
};
