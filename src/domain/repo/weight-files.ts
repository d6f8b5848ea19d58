const SHARD = /^model-\d{5}-of-\d{5}\.safetensors$/;

/**
 * The safetensors files in the root that make up the model, after huggingface_hub's `get_safetensors_metadata`:
 * `model.safetensors`, else its shards, else every one. Other files next to them hold the same weights once more.
 */
export function weightFiles<File extends { readonly path: string }>(
  rootFiles: readonly File[],
): readonly File[] {
  const all = rootFiles.filter((file) => file.path.endsWith('.safetensors'));
  const whole = all.filter((file) => file.path === 'model.safetensors');
  if (whole.length > 0) return whole;
  const shards = all.filter((file) => SHARD.test(file.path));
  return shards.length > 0 ? shards : all;
}
