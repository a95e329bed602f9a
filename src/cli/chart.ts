// A horizontal bar chart for the terminal: one line per row, the longest bar as wide as there is room.
const WIDTH = 40;

/** Bars to the right of zero, to the left of it where values are negative. */
export function printBars(bars: readonly { readonly label: string; readonly value: number }[]): void {
  const label = Math.max(...bars.map((bar) => bar.label.length));
  const most = Math.max(...bars.map((bar) => Math.max(0, bar.value)));
  const least = Math.max(...bars.map((bar) => Math.max(0, -bar.value)));
  const unit = Math.max(most + least, 1e-9) / WIDTH;
  const left = Math.round(least / unit);
  for (const { label: name, value } of bars) {
    const length = Math.round(Math.abs(value) / unit);
    const below = value < 0 ? '█'.repeat(length).padStart(left) : ' '.repeat(left);
    console.log(`${name.padStart(label)} ${below}${value > 0 ? '█'.repeat(length) : ''} ${value.toFixed(1)}`);
  }
}
