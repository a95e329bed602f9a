// Chance for grammars: a choice of alternatives, some of them more often than others.
export class Phrases {
  private readonly random: () => number;

  constructor(random: () => number) {
    this.random = random;
  }

  below(n: number): number {
    return Math.floor(this.random() * n);
  }

  chance(probability: number): boolean {
    return this.random() < probability;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }

  /** One of the alternatives, which are made only when chosen. */
  one(...alternatives: readonly (() => string)[]): string {
    return this.pick(alternatives)();
  }

  /** The phrase or nothing. */
  maybe(probability: number, phrase: () => string): string {
    return this.chance(probability) ? phrase() : '';
  }

  not(): string {
    return this.pick(['', 'NOT ']);
  }
}
