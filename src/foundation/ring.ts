/** A list in the order in which its members came, as links of a ring: each comes and goes in O(1), and nothing is allocated. */

/** The place of a member: its neighbours, null while it is in no ring. Only rings write them. */
export interface Linked {
  before: Linked | null;
  after: Linked | null;
}

export class Ring<T extends Linked> {
  readonly #ends: Linked = { before: null, after: null };

  constructor() {
    this.#ends.before = this.#ends;
    this.#ends.after = this.#ends;
  }

  get first(): T | undefined {
    const { after } = this.#ends;
    return after === this.#ends ? undefined : (after as T);
  }

  append(member: T): void {
    const ends = this.#ends;
    const last = ends.before as Linked;
    member.before = last;
    member.after = ends;
    last.after = member;
    ends.before = member;
  }

  /** Removes the first member and returns it. There must be one. */
  shift(): T {
    const { first } = this;
    if (first === undefined) throw new RangeError('shift(): expected a member, got none');
    unlink(first);
    return first;
  }

  /** Removes the first `most` members and returns them. */
  take(most: number): T[] {
    const ends = this.#ends;
    const members: T[] = [];
    let member = ends.after as Linked;
    while (member !== ends && members.length < most) {
      const next = member.after as Linked;
      member.before = null;
      member.after = null;
      members.push(member as T);
      member = next;
    }
    ends.after = member;
    member.before = ends;
    return members;
  }
}

/** Removes a member from the ring it is in. @returns false when it is in none */
export function unlink(member: Linked): boolean {
  const { before, after } = member;
  if (before === null || after === null) return false;
  before.after = after;
  after.before = before;
  member.before = null;
  member.after = null;
  return true;
}
