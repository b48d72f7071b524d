/** What the views of this area are given, by the name of their file under views/. */
export interface PeopleViews {
  'people/sign-in': SignInPage;
  'people/reset': ResetPage;
}

export interface SignInPage {
  /** Where to go when signed in. */
  next: string;
  email: string;
  fault: string | undefined;
}

export interface ResetPage {
  secret: string;
  email: string;
  /** A first password, or a new one. */
  first: boolean;
  fault: string | undefined;
}
