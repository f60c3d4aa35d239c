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

// What another tab with the same report keeps is not lost to this one.
export function watchChoice(name, listener) {
  addEventListener("storage", ({ key }) => key === PREFIX + name && listener());
}

export function remember(name, value) {
  try {
    localStorage.setItem(PREFIX + name, JSON.stringify(value));
  } catch {
    // It is asked again next time.
  }
}
