/** Words of fields that choose something of a project. */
export const pickers = {
  search: 'Type to search',
  nothing: 'Nothing of this name',
  failed: 'The list did not come. Type once more.',
} as const;
