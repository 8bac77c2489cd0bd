/** Messages that have everything lead to the loopback interface. */
import { isIPv4 } from "node:net";
import { concat } from "../../../../std/bytes/concat.ts";
import { attribute, hostWord, message } from "../../network/netlink.ts";
import { AF_INET, AF_INET6, socketAddress } from "../../network/socket_address.ts";

const [RTM_NEWADDR, RTM_NEWROUTE] = [20, 24];
const [IFA_LOCAL, IFA_ADDRESS, IFA_F_NODAD] = [2, 1, 2];
const [RTA_OIF, RTA_PREFSRC] = [4, 7];
const [RT_TABLE_MAIN, RT_TABLE_LOCAL, RTPROT_STATIC] = [254, 255, 4];
const [RT_SCOPE_UNIVERSE, RT_SCOPE_LINK] = [0, 253];
const [RTN_UNICAST, RTN_LOCAL] = [1, 2];
/** The loopback interface comes first in every network. */
const loopback = 1;

/** The bytes of an address. */
export function addressOf(address: string): Uint8Array<ArrayBuffer> {
  const whole = socketAddress(address, 0);
  return isIPv4(address) ? whole.slice(4, 8) : whole.slice(8, 24);
}

/** Gives the interface an address, from which everything is sent that goes elsewhere. */
export function wayOut(address: string): Uint8Array {
  const bytes = addressOf(address);
  const isFour = isIPv4(address);
  const family = isFour ? AF_INET : AF_INET6;
  return concat([
    message(
      RTM_NEWADDR,
      Uint8Array.of(family, 8 * bytes.length, IFA_F_NODAD, RT_SCOPE_UNIVERSE),
      hostWord(loopback),
      attribute(IFA_LOCAL, bytes),
      attribute(IFA_ADDRESS, bytes),
    ),
    message(
      RTM_NEWROUTE,
      // A route of IPv6 by this interface that is none to itself would refuse everything.
      isFour
        ? Uint8Array.of(family, 0, 0, 0, RT_TABLE_MAIN, RTPROT_STATIC, RT_SCOPE_LINK, RTN_UNICAST)
        : Uint8Array.of(family, 0, 0, 0, RT_TABLE_LOCAL, RTPROT_STATIC, RT_SCOPE_UNIVERSE, RTN_LOCAL),
      hostWord(0),
      attribute(RTA_OIF, hostWord(loopback)),
      attribute(RTA_PREFSRC, bytes),
    ),
  ]);
}
