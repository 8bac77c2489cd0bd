/** How a cell looks, as the emulator keeps it. Its public type tells everything but the kinds of underlines. */
export interface Attributes {
  isBold(): number;
  isDim(): number;
  isItalic(): number;
  isUnderline(): number;
  isBlink(): number;
  isInverse(): number;
  isInvisible(): number;
  isStrikethrough(): number;
  isOverline(): number;
  isFgDefault(): boolean;
  isFgRGB(): boolean;
  getFgColorMode(): number;
  getFgColor(): number;
  isBgDefault(): boolean;
  isBgRGB(): boolean;
  getBgColorMode(): number;
  getBgColor(): number;
  readonly extended: { readonly underlineStyle: number; readonly underlineColor: number };
}

/** The emulator's mark of one of the 16 first colours, which have codes of their own. */
const oneOf16 = 1 << 24;
const colorMode = 3 << 24;

/** The escape code after which characters are written like this, whatever was before. */
export function graphics(attributes: Attributes): string {
  return `\x1b[${[0, ...flags(attributes), ...colors(attributes)].join(";")}m`;
}

/** Whether there is nothing to it but a colour behind it, as erasing leaves one. */
export function isBackgroundOnly(attributes: Attributes): boolean {
  return !attributes.isBgDefault() && attributes.isFgDefault() && flags(attributes).length === 0;
}

function flags(attributes: Attributes): (number | string)[] {
  const codes: (number | string)[] = [];
  if (attributes.isBold()) codes.push(1);
  if (attributes.isDim()) codes.push(2);
  if (attributes.isItalic()) codes.push(3);
  if (attributes.isUnderline()) {
    const { underlineStyle } = attributes.extended;
    codes.push(underlineStyle > 1 ? `4:${underlineStyle}` : 4);
  }
  if (attributes.isBlink()) codes.push(5);
  if (attributes.isInverse()) codes.push(7);
  if (attributes.isInvisible()) codes.push(8);
  if (attributes.isStrikethrough()) codes.push(9);
  if (attributes.isOverline()) codes.push(53);
  return codes;
}

function colors(attributes: Attributes): (number | string)[] {
  const codes: (number | string)[] = [];
  if (!attributes.isFgDefault()) codes.push(color(30, attributes.getFgColorMode(), attributes.getFgColor()));
  if (!attributes.isBgDefault()) codes.push(color(40, attributes.getBgColorMode(), attributes.getBgColor()));
  const { underlineColor } = attributes.extended;
  const mode = underlineColor & colorMode;
  if (attributes.isUnderline() && mode !== 0 && underlineColor !== -1) {
    const value = underlineColor & 0xffffff;
    codes.push(mode === colorMode ? `58:2::${rgb(value, ":")}` : `58:5:${value & 0xff}`);
  }
  return codes;
}

/** @param base 30 for a character's own colour, 40 for the one behind it */
function color(base: number, mode: number, value: number): string {
  if (mode === oneOf16) return `${value < 8 ? base + value : base + 60 + value - 8}`;
  return mode === colorMode ? `${base + 8};2;${rgb(value, ";")}` : `${base + 8};5;${value}`;
}

function rgb(value: number, separator: string): string {
  return [value >>> 16 & 255, value >>> 8 & 255, value & 255].join(separator);
}
