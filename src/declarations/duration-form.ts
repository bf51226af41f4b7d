import { type Duration, DURATION_FORM } from "../core/value/duration.ts";
import { type Form, text } from "../forms/form.ts";

/** The form of a duration. */
export function durationForm(description: string): Form<Duration> {
  return text({
    description,
    pattern: DURATION_FORM,
    expected: 'a duration such as "30s", "15m" or "30d"',
  }) as Form<Duration>;
}
