// Which language the window speaks.

import { de } from "./words/de";
import { en, type Words } from "./words/en";

export type { Words };

const LANGUAGES: readonly Words[] = [en, de];

/** The words for the first language of the system that the window has; English otherwise. */
export function wordsFor(languages: readonly string[]): Words {
  for (const language of languages) {
    const primary = language.toLowerCase().split("-")[0];
    const found = LANGUAGES.find((words) => words.language === primary);
    if (found !== undefined) return found;
  }
  return en;
}

/** The locale for times and numbers: the system's own where it is of the language of the words. */
export function localeFor(languages: readonly string[], words: Words): string {
  const own = languages.find((language) => language.toLowerCase().split("-")[0] === words.language);
  return own !== undefined && Intl.DateTimeFormat.supportedLocalesOf([own]).length > 0 ? own : words.language;
}
