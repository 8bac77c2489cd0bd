/** A tool cannot do what it was asked to. The text is for the model, and says what helps. */
export class ToolError extends Error {
  override readonly name = "ToolError";
}
