// What a person chose, kept for the next pair and the next report.

const PREFIX = "visualdiff-";

// Some browsers refuse storage to a page opened from a file.
export function recall(name, otherwise) {
  try {
    return JSON.parse(localStorage.getItem(PREFIX + name)) ?? otherwise;
  } catch {
    return otherwise;
  }
}

// Is called when another window with this report has stored something.
export const onStored = (listener) => window.addEventListener("storage", listener);

export function remember(name, value) {
  try {
    localStorage.setItem(PREFIX + name, JSON.stringify(value));
  } catch {
    // It is asked again next time.
  }
}
