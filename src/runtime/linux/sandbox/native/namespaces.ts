/** Has the runner go into namespaces of its own. */
import { purposes } from "../transparent/purposes.ts";
import type { OpenDescriptors } from "./open_descriptors.ts";
import { writeTo } from "./write_to.ts";

const CLONE_NEWNS = 0x2_0000;
const CLONE_NEWUTS = 0x400_0000;
const CLONE_NEWIPC = 0x800_0000;
const CLONE_NEWUSER = 0x1000_0000;
const CLONE_NEWPID = 0x2000_0000;
const CLONE_NEWNET = 0x4000_0000;

const PR_SET_PDEATHSIG = 1;
const SIGKILL = 9;
const [AF_INET, SOCK_DGRAM] = [2, 2];
const [SIOCSIFFLAGS, IFF_UP] = [0x8914, 1];
/** Of a `struct ifreq`, and where its `ifr_flags` stand. */
const [interfaceRequestBytes, interfaceFlagsAt] = [40, 16];

/** What the namespaces are to be. */
export interface NamespaceOptions {
  /** The user and the group that stay themselves; there are no others. */
  readonly uid: number;
  readonly gid: number;
  /** Whether the machine's network stays. */
  readonly hasNetwork: boolean;
  /** Sets up a network of its own. */
  readonly setUpNetwork: (descriptors: OpenDescriptors) => void;
}

/**
 * Makes the namespaces, and a process that is the first in them, which goes on with the list. Whoever was there before
 * waits for it; with him, everything in the namespaces ends.
 */
export function enterNamespaces(
  descriptors: OpenDescriptors,
  { uid, gid, hasNetwork, setUpNetwork }: NamespaceOptions,
): void {
  const { list } = descriptors;
  const kinds = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS |
    (hasNetwork ? 0 : CLONE_NEWNET);
  list.to("make namespaces").call("unshare", kinds);
  mapUser(descriptors, uid, gid);
  // Not before, since new rights take it back.
  list.to("end with the server").call("prctl", PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  setUpNetwork(descriptors);
  forkBound(descriptors);
}

/** Makes a network, in which it has all rights and gives them to whatever it runs that makes no other. */
export function enterNetwork(descriptors: OpenDescriptors, uid: number, gid: number): void {
  descriptors.list.to(purposes.enter).call("unshare", CLONE_NEWUSER | CLONE_NEWNET);
  mapUser(descriptors, uid, gid);
}

function mapUser(descriptors: OpenDescriptors, uid: number, gid: number): void {
  descriptors.list.to("map its user into the user namespace");
  writeTo("/proc/self/setgroups", "deny", descriptors);
  writeTo("/proc/self/uid_map", `${uid} ${uid} 1`, descriptors);
  writeTo("/proc/self/gid_map", `${gid} ${gid} 1`, descriptors);
}

/** Lets something go to the loopback address of its network. */
export function bringLoopbackUp(descriptors: OpenDescriptors): void {
  const { list } = descriptors;
  const request = new Uint8Array(interfaceRequestBytes);
  request.set(new TextEncoder().encode("lo"));
  new DataView(request.buffer).setUint16(interfaceFlagsAt, IFF_UP, true);
  list.to("bring its loopback interface up").call("socket", AF_INET, SOCK_DGRAM, 0)
    .call("ioctl", descriptors.next(), SIOCSIFFLAGS, list.bytes(request));
  descriptors.closeAll();
}

/**
 * Forks a child that is killed when its parent ends, also where that has happened by the time that the child asks for it:
 * the parent's end of a pipe tells.
 */
function forkBound(descriptors: OpenDescriptors): void {
  const { list } = descriptors;
  list.to("make a process").call("pipe2", list.words(0), 0);
  const [read, write] = [descriptors.next(), descriptors.next()];
  list.fork()
    .to("end with the process that waits").call("prctl", PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0)
    .call("close", read).call("write", write, list.text(""), 1);
  descriptors.closeAll();
}
