/** What the views of this area are given, by the name of their file under views/. */
// biome-ignore lint/suspicious/noEmptyInterface: its views come with the area
export interface AssessmentsViews {}
