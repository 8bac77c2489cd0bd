/** What is there at once or comes later, for very many: no promise is made for what is there. */
export function settled<Value>(values: readonly (Value | Promise<Value>)[]): Value[] | Promise<Value[]> {
  return values.some((value) => value instanceof Promise) ? Promise.all(values) : values as Value[];
}
