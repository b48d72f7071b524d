/** A resource for a sentence: its id, and its name where it has one. */
export function named(id: string, tags: Record<string, string> = {}, name: string | undefined = tags.Name): string {
  return name ? `${id} (${name})` : id;
}
