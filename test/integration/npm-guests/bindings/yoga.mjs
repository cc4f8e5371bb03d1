/** Emscripten behind a library that hides it. */
import init from 'yoga-wasm-web';

export async function bind(_exports, self) {
  const yoga = await init(self.module);
  return {
    /** Widths of children that share a row by their weights. */
    widths: (width, weights) => {
      const row = yoga.Node.create();
      row.setWidth(width);
      row.setFlexDirection(2);
      const children = weights.map((weight, index) => {
        const child = yoga.Node.create();
        child.setFlexGrow(weight);
        row.insertChild(child, index);
        return child;
      });
      row.calculateLayout(undefined, undefined, 1);
      const widths = children.map((child) => child.getComputedWidth());
      row.freeRecursive();
      return widths;
    },
  };
}
