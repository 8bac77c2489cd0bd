/** Messages that have the kernel's nftables turn connections to others towards a port of the loopback address. */
import { concat } from "../../../../std/bytes/concat.ts";
import { attribute, cText, message, nested, networkWord } from "../../network/netlink.ts";
import { addressOf } from "./routes.ts";

const NFNL_SUBSYS_NFTABLES = 10;
const [NFNL_MSG_BATCH_BEGIN, NFNL_MSG_BATCH_END] = [0x10, 0x11];
const [NFT_MSG_NEWTABLE, NFT_MSG_NEWCHAIN, NFT_MSG_NEWRULE] = [0, 3, 6];
const [NFPROTO_UNSPEC, NFPROTO_INET, NFPROTO_IPV4, NFPROTO_IPV6] = [0, 1, 2, 10];
const [NFTA_TABLE_NAME, NFTA_CHAIN_TABLE, NFTA_CHAIN_NAME, NFTA_CHAIN_HOOK, NFTA_CHAIN_TYPE] = [
  1,
  1,
  3,
  4,
  7,
];
const [NFTA_HOOK_HOOKNUM, NFTA_HOOK_PRIORITY] = [1, 2];
const [NFTA_RULE_TABLE, NFTA_RULE_CHAIN, NFTA_RULE_EXPRESSIONS] = [1, 2, 4];
const [NFTA_LIST_ELEM, NFTA_EXPR_NAME, NFTA_EXPR_DATA, NFTA_DATA_VALUE] = [1, 1, 2, 1];
const [NF_INET_LOCAL_OUT, NF_IP_PRI_NAT_DST] = [3, -100];
const [NFT_META_NFPROTO, NFT_META_L4PROTO, IPPROTO_TCP] = [15, 16, 6];
const [NFT_CMP_EQ, NFT_CMP_NEQ] = [0, 1];
const NFT_PAYLOAD_NETWORK_HEADER = 1;
const NFT_REG_1 = 1;
const [table, chain] = [cText("exec-server"), cText("output")];

/** Where the header of a packet says where it goes. */
const destination = { ipv4: { at: 16, bytes: 4 }, ipv6: { at: 24, bytes: 16 } } as const;

/** What is left alone. */
export interface LeftAlone {
  readonly ipv4: string;
  readonly ipv6: string;
}

/**
 * Turns every connection that the machine begins towards a port.
 *
 * @param but where connections stay what they are, beside the loopback addresses
 */
export function redirectAll(port: number, but: LeftAlone, hasIpv6: boolean): Uint8Array {
  const rules = [
    [
      ...isTcpOf(NFPROTO_IPV4),
      loadDestination("ipv4"),
      keepBits(Uint8Array.of(255, 0, 0, 0)),
      compare(NFT_CMP_NEQ, Uint8Array.of(127, 0, 0, 0)),
      loadDestination("ipv4"),
      compare(NFT_CMP_NEQ, addressOf(but.ipv4)),
      ...redirectTo(port),
    ],
    [
      ...isTcpOf(NFPROTO_IPV6),
      loadDestination("ipv6"),
      compare(NFT_CMP_NEQ, addressOf("::1")),
      compare(NFT_CMP_NEQ, addressOf(but.ipv6)),
      ...redirectTo(port),
    ],
  ];
  return concat([
    message(NFNL_MSG_BATCH_BEGIN, header(NFPROTO_UNSPEC, NFNL_SUBSYS_NFTABLES)),
    tables(NFT_MSG_NEWTABLE, attribute(NFTA_TABLE_NAME, table)),
    tables(
      NFT_MSG_NEWCHAIN,
      attribute(NFTA_CHAIN_TABLE, table),
      attribute(NFTA_CHAIN_NAME, chain),
      nested(
        NFTA_CHAIN_HOOK,
        attribute(NFTA_HOOK_HOOKNUM, networkWord(NF_INET_LOCAL_OUT)),
        attribute(NFTA_HOOK_PRIORITY, networkWord(NF_IP_PRI_NAT_DST)),
      ),
      attribute(NFTA_CHAIN_TYPE, cText("nat")),
    ),
    ...(hasIpv6 ? rules : rules.slice(0, 1)).map((expressions) =>
      tables(
        NFT_MSG_NEWRULE,
        attribute(NFTA_RULE_TABLE, table),
        attribute(NFTA_RULE_CHAIN, chain),
        nested(NFTA_RULE_EXPRESSIONS, ...expressions),
      )
    ),
    message(NFNL_MSG_BATCH_END, header(NFPROTO_UNSPEC, NFNL_SUBSYS_NFTABLES)),
  ]);
}

function tables(kind: number, ...attributes: readonly Uint8Array[]): Uint8Array {
  return message(NFNL_SUBSYS_NFTABLES << 8 | kind, header(NFPROTO_INET, 0), ...attributes);
}

function header(family: number, resource: number): Uint8Array {
  return Uint8Array.of(family, 0, resource >> 8, resource & 0xff);
}

/** An expression, with its attributes by their numbers, from 1 on. */
function expression(name: string, ...values: readonly Uint8Array[]): Uint8Array {
  const attributes = values.map((value, index) => attribute(index + 1, value));
  return nested(
    NFTA_LIST_ELEM,
    attribute(NFTA_EXPR_NAME, cText(name)),
    nested(NFTA_EXPR_DATA, ...attributes),
  );
}

const register = networkWord(NFT_REG_1);
const data = (bytes: Uint8Array) => attribute(NFTA_DATA_VALUE, bytes);

function isTcpOf(family: number): Uint8Array[] {
  return [
    expression("meta", register, networkWord(NFT_META_NFPROTO)),
    compare(NFT_CMP_EQ, Uint8Array.of(family)),
    expression("meta", register, networkWord(NFT_META_L4PROTO)),
    compare(NFT_CMP_EQ, Uint8Array.of(IPPROTO_TCP)),
  ];
}

function loadDestination(version: keyof typeof destination): Uint8Array {
  const { at, bytes } = destination[version];
  return expression(
    "payload",
    register,
    networkWord(NFT_PAYLOAD_NETWORK_HEADER),
    networkWord(at),
    networkWord(bytes),
  );
}

/** Goes on with the next expression only where this holds. */
function compare(how: number, bytes: Uint8Array): Uint8Array {
  return expression("cmp", register, networkWord(how), data(bytes));
}

function keepBits(mask: Uint8Array): Uint8Array {
  const none = new Uint8Array(mask.length);
  return expression("bitwise", register, register, networkWord(mask.length), data(mask), data(none));
}

function redirectTo(port: number): Uint8Array[] {
  return [
    expression("immediate", register, data(Uint8Array.of(port >> 8, port & 0xff))),
    expression("redir", register),
  ];
}
