// @ts-check
/**
 * What is said of places in a line. It touches no document.
 *
 * @module
 */

/** ", next in line", ", 3rd in line"; empty for `null`. @param {number | null} place From 1 on. */
export function placeText(place) {
  if (place === null) return "";
  return place === 1 ? ", next in line" : `, ${ordinal(place)} in line`;
}

/** `1st`, `2nd`, `3rd`, `11th`, `21st`. @param {number} count */
export function ordinal(count) {
  const isTeen = count % 100 > 10 && count % 100 < 14;
  const ending = isTeen ? undefined : ["", "st", "nd", "rd"][count % 10];
  return `${count}${ending || "th"}`;
}
