/** One of several values, in a form that narrows a list. */

export interface ChoiceProps {
  readonly label: string;
  readonly name: string;
  readonly value: string;
  /** What the empty choice is called. */
  readonly none: string;
  readonly values: readonly string[];
  /** Goes on from each value. */
  readonly suffix?: string;
}

export function Choice({ label, name, value, none, values, suffix = "" }: ChoiceProps) {
  const id = `filter-${name}`;
  return (
    <div>
      <label for={id}>{label}</label>
      <select id={id} name={name}>
        <option value="">{none}</option>
        {values.map((one) => (
          <option key={one} value={one} selected={one === value}>{one}{suffix}</option>
        ))}
      </select>
    </div>
  );
}
