/**
 * Every limit of the program, by name, with its unit and its reason. No other file holds such a number.
 *
 * An adjustable one may be set by whoever runs the program. Its name is said twice; the page of limits checks it.
 */
import { adjustable } from "./adjustable.ts";

const KiB = 1024;
const MiB = 1024 * KiB;

// ---------------------------------------------------------------- messages

/** Bytes of one incoming WebSocket message, after reassembly; as large as the reference server takes. */
export const MESSAGE_BYTES = 64 * MiB;
/** Bytes of one frame that a peer is sent: the Codex client drops a connection on a frame above 16 MiB. */
export const OUTGOING_FRAME_BYTES = 8 * MiB;
/**
 * Bytes of one message to a peer: V8 holds no text of more than 2^29 - 24 characters, and on a pipe a message is a line
 * with an end. JavaScriptCore holds more.
 */
export const OUTGOING_MESSAGE_BYTES = 511 * MiB;
/** Characters of an error's text. Some repeat what the client sent, such as the name of a method, which may be long. */
export const ERROR_TEXT_CHARS = 64 * KiB;
/** Bytes of one message that a client takes: an answer may hold everything that a server retains, or a whole file. */
export const INCOMING_MESSAGE_BYTES = 512 * MiB;
/** Levels of nesting in an incoming message; deeper is malformed, as in the reference server. */
export const JSON_DEPTH = 127;
/** JSON values in an incoming message; more is malformed, as in the reference server. */
export const JSON_VALUES = 262_144;

/** Characters of a name that a client makes up, of a process, a write or a request: it is kept, and told again and again. */
export const NAME_CHARS = 16 * KiB;

// ---------------------------------------------------------------- connections

/** Connections at once; one more is refused with 503. Each costs some 50 KiB when idle. */
export const CONNECTIONS = adjustable("CONNECTIONS", 1_000);
/**
 * Descriptors kept back from what keeps some (processes, file streams, watches, requests by HTTP), so that a server can be
 * reached, read files and load a part of itself whatever its clients hold. Half of them are kept back from connections, too.
 */
export const RESERVED_DESCRIPTORS = adjustable("RESERVED_DESCRIPTORS", 32);
/** The share of all descriptors that is kept back, where that is less. */
export const RESERVED_DESCRIPTORS_SHARE = 1 / 8;
/** Milliseconds between two looks at whether the listener still accepts: descriptors may have run out meanwhile. */
export const LISTENER_LOOK_MS = 500;
/** The same while there is no descriptor for whoever wants to connect, or somebody waits to be accepted. */
export const LISTENER_SHORT_LOOK_MS = 50;
/** Connections that are refused in one such look, so that everybody else has a turn. */
export const LISTENER_REFUSALS = 256;
/** The number of a new descriptor up to which there are plenty, and a look is as short as it can be. */
export const LISTENER_RELAXED_DESCRIPTORS = 64;
/** Connections accepted at once from which on a listener may run out of descriptors between two such looks. */
export const LISTENER_RELAXED_CONNECTIONS = 8;
/** Numbers of descriptors among which a listener's is looked for: it is opened when a server begins. */
export const LISTENER_SOCKET_NUMBERS = 1_024;
/** Bytes of a Unix socket's path: what the kernel's structure holds, without the final zero. */
export const SOCKET_PATH_BYTES = 107;
/** Bytes handed to a socket and not yet taken by the kernel, above which no event is handed to it. */
export const SOCKET_HIGH_WATER_BYTES = 1 * MiB;
/** Bytes of output from which on a message is built in a buffer that is used again, and not as a text. */
export const BUFFERED_OUTPUT_BYTES = 4 * KiB;
/** Buffers for messages that are kept to be used again. Each holds a flood's output event. */
export const IDLE_MESSAGE_BUFFERS = 4;
/**
 * Bytes sent after which a ping asks the peer how far it has come. Its pong confirms everything before it: that is
 * what tells delivered output from output lost with a connection, for any WebSocket client.
 */
export const CONFIRM_EVERY_BYTES = 512 * KiB;
/** Milliseconds after which a client is asked to confirm what it was sent, however little that is. */
export const CONFIRM_AFTER_MS = 500;
/** Milliseconds for a client's first pong; one without any is taken at what its socket has accepted. */
export const FIRST_PONG_MS = 5_000;
/**
 * The same for answers: higher, so that a client which lets its events pile up can still stop a process, and low enough
 * for one that asks without end and reads no answer.
 */
export const ANSWERS_HIGH_WATER_BYTES = 4 * MiB;
/** Bytes of an answer from which on room for it is asked for before it is made. */
export const LARGE_ANSWER_BYTES = 1 * MiB;
/**
 * Bytes of large answers that are being made, and of all that clients have not read, above which a large answer waits. One
 * alone may be larger.
 */
export const UNREAD_BYTES = adjustable("UNREAD_BYTES", 128 * MiB);
/** Milliseconds for which it waits; then it is refused, since whoever has not read by then may never do so. */
export const ANSWER_ROOM_MS = 10_000;
/** Milliseconds between two looks at whether there is room. */
export const ANSWER_LOOK_MS = 20;
/** Requests of one connection that wait their turn; at this number the connection is not read until they shrink. */
export const WAITING_REQUESTS = 1_024;
/**
 * Characters of requests of one connection that wait their turn or their answer, with the same effect. Nearly all of them
 * are base64, one byte each; to count the bytes of any text would take a twelfth of the time of an upload.
 */
export const WAITING_REQUEST_CHARS = 16 * MiB;
/** Characters that each of them counts for beside its text, so that many small ones are bounded too. */
export const REQUEST_OVERHEAD_CHARS = 1 * KiB;
/** Milliseconds between pings, as in the reference server. */
export const PING_INTERVAL_MS = adjustable("PING_INTERVAL_MS", 30_000);
/**
 * Pings in a row without a sign of life (a message, a pong, or bytes taken) after which a peer is evicted and its
 * session detached. Several, so that a busy client is not mistaken for a dead one.
 */
export const PEER_SILENT_PINGS = 4;
/** Milliseconds a connection may take from its upgrade to its `initialize`; a scanner must not hold a slot. */
export const HANDSHAKE_MS = adjustable("HANDSHAKE_MS", 60_000);
/** Milliseconds from a connection to the end of its TLS handshake; who only connects must not hold a descriptor. */
export const TLS_HANDSHAKE_MS = adjustable("TLS_HANDSHAKE_MS", 10_000);
/** Milliseconds between two looks at whether the files of a certificate have changed. */
export const CERTIFICATE_LOOK_MS = adjustable("CERTIFICATE_LOOK_MS", 60_000);
/** Looks at whether a connection still waits at a listener that is replaced, whose certificate was renewed on Bun. */
export const HAND_OVER_LOOKS = 1_000;
/** Milliseconds between two looks at how late timers are, where that is measured. */
export const EVENT_LOOP_LOOK_MS = 1_000;
/** Bytes of a file with certificates or a key; the authorities of a whole system take a quarter. */
export const CERTIFICATE_FILE_BYTES = 1 * MiB;
/** Milliseconds before a certificate runs out from which on the log warns of it: tools renew a month before. */
export const CERTIFICATE_EXPIRY_WARNING_MS = 14 * 24 * 60 * 60 * 1_000;
/** Milliseconds between two such warnings. */
export const CERTIFICATE_WARNING_EVERY_MS = 24 * 60 * 60 * 1_000;
/** Milliseconds a peer has to answer a close frame before its connection is cut and its session detached. */
export const CLOSE_MS = 1_000;
/** Milliseconds after which a Unix socket that neither takes a connection nor refuses it counts as listened on. */
export const SOCKET_PROBE_MS = 2_000;
/**
 * Milliseconds that a server which ends waits for killed processes; one that hangs in the kernel, on a disk that is gone, may
 * never end.
 */
export const KILLED_PROCESSES_MS = adjustable("KILLED_PROCESSES_MS", 10_000);
/** Milliseconds given to the last answers when the server or a client closes. */
export const SHUTDOWN_MS = adjustable("SHUTDOWN_MS", 2_000);

// ---------------------------------------------------------------- sessions

/** Milliseconds a session outlives its connection, as in the reference server. */
export const DETACHED_SESSION_MS = adjustable("DETACHED_SESSION_MS", 80_000);
/**
 * Milliseconds in which the holder of a session gives a sign of life when somebody else wants to resume it; then it is
 * evicted. A client whose old connection is half-open gets its session back after that.
 */
export const HOLDER_PROBE_MS = 3_000;
/**
 * Sessions at once, attached and detached. Twice the connections, for those that are detached: one more takes the place of the
 * one that was detached first among those without processes, else among those whose processes have all closed; where there
 * is none it is refused.
 */
export const SESSIONS = adjustable("SESSIONS", 2_000);

/** Milliseconds between two looks at whether the server is idle and has memory to give back. */
export const HOUSEKEEPING_MS = 1_000;
/** The share of a processor below which the server counts as idle. */
export const IDLE_PROCESSOR_SHARE = 0.05;
/** Milliseconds of processor time after which there may be memory to give back. */
export const HOUSEKEEPING_WORK_MS = 100;

// ---------------------------------------------------------------- processes

/** The least memory that a process may be limited to: a program does not begin with less. */
export const LIMITED_MEMORY_LEAST_BYTES = 1 * MiB;
/** Milliseconds between two looks at whether a limited process's group can go that somebody ran on in. */
export const GROUP_REMOVAL_LOOK_MS = 1_000;
/** The least milliseconds between two looks at how much processor time a limited process has used. */
export const PROCESSOR_LOOK_MS = 50;
/**
 * Processes of one session that are starting, running or not yet forgotten. One more takes the place of the one that closed
 * first and whose end the client knows; where there is none it is refused.
 */
export const PROCESSES_PER_SESSION = adjustable("PROCESSES_PER_SESSION", 4_096);
/**
 * Bytes of one output event, but for a flood. Far fewer frames than the reference's 8 KiB; the Codex client takes up
 * to 1 MiB.
 */
export const OUTPUT_CHUNK_BYTES = 64 * KiB;
/** Bytes that come from one stream without a pause before it counts as a flood. */
export const FLOOD_AFTER_BYTES = 2 * MiB;
/** Bytes of one output event of a flood: the Codex client takes up to 1 MiB, and keeps 256 events, not bytes. */
export const FLOOD_CHUNK_BYTES = 256 * KiB;
/** Bytes that the kernel holds of a flood, where it can be told to: the most that an ordinary user may ask for. */
export const FLOOD_PIPE_BYTES = 1 * MiB;
/** Pipes of that size at once. An ordinary user has 64 MiB for all pipes, beyond which each new one is tiny. */
export const FLOOD_PIPES = 16;
/** Milliseconds that such a pipe fills before it is read again, once a read did not find much. */
export const FLOOD_PAUSE_MS = 2;
/**
 * Milliseconds that bytes of a flood may wait for more to join them: nobody sees so short a delay in so much output.
 */
export const FLOOD_GATHER_MS = 4;
/**
 * Milliseconds without any output after which a flood is over that comes through such a pipe: on a busy machine a program is
 * held up for some, and its flood goes on.
 */
export const FLOOD_END_MS = 100;
/** Bytes of output that a log keeps, the newest ones, as in the reference server. */
export const RETAINED_OUTPUT_BYTES = adjustable("RETAINED_OUTPUT_BYTES", 1 * MiB);
/** Bytes of retained output of a closed process from which on they are compressed while the server is idle. */
export const PACK_LEAST_BYTES = 16 * KiB;
/** Output events that a log keeps, the newest ones, as in the reference server. */
export const RETAINED_OUTPUT_CHUNKS = 50_000;
/**
 * Bytes of a process's output that the attached client has not confirmed, above which the output is not read any
 * more: the pipe fills and the child blocks. They are retained whatever else is evicted, so nothing unconfirmed is
 * ever lost. One round trip carries this much.
 */
export const UNCONFIRMED_OUTPUT_BYTES = 2 * MiB;
/**
 * Bytes of a process's output that could not even be sent to the attached client, with the same effect. Small, because
 * many processes may be behind one slow connection.
 */
export const UNSENT_OUTPUT_BYTES = 256 * KiB;
/** Output events that are unconfirmed, with the same effect: tiny ones cost more than their bytes. */
export const UNCONFIRMED_OUTPUT_CHUNKS = 20_000;
/**
 * Milliseconds for which a lost connection still holds its processes' output: the time in which the Codex client
 * tries to resume. Then output is read on, and what is evicted is a gap.
 */
export const DETACHED_HOLD_MS = 45_000;
/**
 * Milliseconds a resumed client has to go on reading what it missed before that may be evicted: as long as a lost
 * connection holds, since a line that was lost may well stall again. One that never reads must not hold a process up.
 */
export const CATCH_UP_MS = 45_000;
/**
 * Bytes of output that the closed processes of all sessions keep together, beside what a client has not confirmed: those
 * that closed first lose theirs. As much as 128 of them can have.
 */
export const CLOSED_OUTPUT_BYTES = adjustable("CLOSED_OUTPUT_BYTES", 128 * MiB);
/** Milliseconds a closed process stays readable, as in the reference server. */
export const CLOSED_PROCESS_MS = adjustable("CLOSED_PROCESS_MS", 80_000);
/** Bytes of one line of a recording that is played. */
export const CAST_LINE_BYTES = 64 * MiB;
/** Bytes of one recording. */
export const RECORDING_BYTES = 1024 * MiB;
/** Recordings at once that clients of a server have asked for. */
export const RECORDINGS = 64;
/** Bytes of a block in which a browser is given a file that it saves. */
export const DOWNLOAD_BLOCK_BYTES = 256 * KiB;
/** Recordings of a server that one answer tells, the newest first: each is looked at, and takes some 200 bytes. */
export const RECORDINGS_LISTED = 1_000;
/** Bytes of output that one part of an export has at the most, but at least one event. */
export const EXPORT_PART_BYTES = 256 * KiB;
/** Events that one part of an export has at the most: each of them is a line, and others wait while it is made. */
export const EXPORT_PART_EVENTS = 4_096;
/** Sizes of a terminal that are kept of a process whose output goes far back: what is older has the oldest of them. */
export const TERMINAL_SIZES_KEPT = 1_000;
/** Bytes of a recording that wait to be written at the most. */
export const RECORD_FLUSH_BYTES = 64 * KiB;
/** Milliseconds after which they are written in any case. */
export const RECORD_FLUSH_MS = 1_000;
/** Bytes of one process's output on disk, where a server has a spool; its oldest goes first. */
export const SPOOL_PROCESS_BYTES = 1024 * MiB;
/** Bytes on disk of the output of all processes. */
export const SPOOL_TOTAL_BYTES = 10 * 1024 * MiB;
/** Bytes of one file of a spool, at the most: what is dropped is dropped file by file. */
export const SPOOL_SEGMENT_BYTES = 16 * MiB;
/** Bytes of one write to a spool: large, as every one opens the file. */
export const SPOOL_WRITE_BYTES = 1 * MiB;
/** Bytes of a process's output that wait for the disk before the process does. */
export const SPOOL_PENDING_BYTES = 2 * MiB;
/** Bytes that are read of a spool at once; more than an event has. */
export const SPOOL_READ_BYTES = 4 * MiB;
/** Milliseconds for which a closed process stays known that outlived its session: a day, so that its output can be read. */
export const KEPT_PROCESS_MS = adjustable("KEPT_PROCESS_MS", 86_400_000);
/** Processes of others that one session may be attached to. */
export const ATTACHMENTS_PER_SESSION = 256;
/** Sessions that may be attached to one process beside its owner's. */
export const VIEWERS_PER_PROCESS = 64;
/** Bytes of output a second that somebody is sent who only looks on: more than anybody can read, and a bound for the cost. */
export const VIEWER_BYTES_PER_S = adjustable("VIEWER_BYTES_PER_S", 8 * MiB);
/** Milliseconds after which somebody who looks on and had as much is sent more. */
export const VIEWER_REFILL_MS = 100;
/** Milliseconds for which the keyboard waits for a client that has it and whose connection is lost. */
export const KEYBOARD_GRACE_MS = adjustable("KEYBOARD_GRACE_MS", 10_000);
/** Milliseconds after which the keyboard goes back to the owner when whoever took it types nothing. */
export const KEYBOARD_IDLE_MS = adjustable("KEYBOARD_IDLE_MS", 600_000);
/**
 * Milliseconds after a killed process's end at which its streams end too, though somebody holds them: behind what they
 * hold by then or, where that cannot be told, as on a terminal, once they were silent for as long.
 */
export const KILLED_STREAM_MS = 50;
/**
 * Milliseconds of listening after which they end though they are never silent: what a terminal held has long been read, and
 * somebody else goes on writing.
 */
export const KILLED_TERMINAL_MS = 1_000;
/**
 * Bytes that may still come from a killed process's streams where it cannot be told how much they hold: more than they
 * can have held is written by somebody else.
 */
export const KILLED_OUTPUT_BYTES = 4 * MiB;
/** Milliseconds of `process/read` waiting at the most; a client that waits longer asks again. */
export const LONG_POLL_MS = 3_600_000;
/** Write ids remembered per process, as in the reference server. */
export const WRITE_IDS = 4_096;
/** Characters of all of them together, beyond which the oldest are forgotten too: seven times what as many UUIDs have. */
export const WRITE_ID_CHARS = 1 * MiB;
/**
 * Bytes queued for a child's stdin from which on a further write is not answered until there is room; a child may
 * never read.
 */
export const STDIN_QUEUE_BYTES = 1 * MiB;
/**
 * Bytes queued for a child's stdin in all, above which a write is refused: a client whose connection is lost may leave some
 * behind that were not answered, again and again.
 */
export const STDIN_QUEUED_BYTES = adjustable("STDIN_QUEUED_BYTES", 64 * MiB);
/** Writes queued for a child's stdin, with the same effect, as in the reference server. */
export const STDIN_QUEUE_WRITES = 128;
/** Bytes of one write to a child's pipe, so that closing stdin is not held up by a huge one. */
export const STDIN_WRITE_BYTES = 256 * KiB;
/** Descriptors beyond 2 that a process may be given: each is one or two of the server's for as long as the process lasts. */
export const PROCESS_DESCRIPTORS = 16;
/** Rounds of looking for processes that are left in a killed session; a fork bomb must not keep the server busy. */
export const KILL_ROUNDS = 20;
/** Rows and columns of a terminal when the client names none, as in the reference server. */
export const TERMINAL_SIZE = { rows: 24, cols: 80 } as const;
/** Rows or columns of a terminal at the most: what the kernel's structure holds. */
export const TERMINAL_DIMENSION = 65_535;

/** Folders of a PATH that are looked into at a stretch; then others have their turn. A folder takes some microseconds. */
export const PATH_FOLDERS = 64;
/** Bytes of one argument or variable of a program, with its final zero: Linux takes no more (`MAX_ARG_STRLEN`). */
export const ARGUMENT_BYTES = 128 * KiB;
/** Bytes of a program that are read to tell a script: as many as Linux looks at for a `#!` line, and some lines more. */
export const SCRIPT_HEAD_BYTES = 1 * KiB;
/**
 * Characters of variables' names times characters of globs in a start's `envPolicy`: what comparing them may cost. 1,000
 * variables and 100 globs are far below; so much takes a tenth of a second.
 */
export const ENVIRONMENT_COMPARISONS = 20_000_000;
/** The part of the time that reading the table of mounts may take where nothing tells of a change. */
export const MOUNT_TABLE_SHARE = 0.01;

// ---------------------------------------------------------------- log

/** Characters of one value in a log line: clients make up names of any length. */
export const LOG_VALUE_CHARS = 256;
/** Characters of a session's id in a log line: 32 bits tell sessions apart, and are not enough to resume one. */
export const LOGGED_ID_CHARS = 8;

// ---------------------------------------------------------------- access

/** Bytes of a shared secret at the least, as in the reference server. */
export const SHARED_SECRET_BYTES = 32;
/**
 * Characters of a capability token below which the log warns: fewer can be guessed. The reference server takes any, so a
 * shorter one is not refused.
 */
export const CAPABILITY_TOKEN_CHARS = 16;
/** Seconds by which a token's times may be off, unless told otherwise, as in the reference server. */
export const CLOCK_SKEW_SECONDS = 30;
/** Characters of an Authorization header that are looked at; no token is longer, and checking one costs time. */
export const AUTHORIZATION_CHARS = 16 * KiB;

// ---------------------------------------------------------------- client and command line

/** Bytes of log lines that wait for a slow reader of stderr; more are lost. */
export const LOG_QUEUE_BYTES = adjustable("LOG_QUEUE_BYTES", 1 * MiB);
/** Bytes of a server command's last words on stderr that the error about its end quotes. */
export const SERVER_QUOTE_BYTES = 1 * KiB;
/** Characters of a message that is shown to a person: a server makes up what it refuses with. */
export const MESSAGE_TEXT_CHARS = 4 * KiB;
/** Milliseconds a client gives a server to accept, and again to answer `initialize`, as the Codex client does. */
export const CONNECT_MS = adjustable("CONNECT_MS", 10_000);
/**
 * Milliseconds `run` gives a command it has to end to clean up, between the signal that asks and the one that kills.
 */
export const RUN_GRACE_MS = 2_000;
/**
 * Milliseconds `run` waits to see whether there is any input, where the server cannot be told its end: a command without
 * input then needs no stdin and sees the end at once.
 */
export const RUN_FIRST_INPUT_MS = 250;
/** Milliseconds before a full pipe that does not block is tried again: nothing announces that it has room. */
export const FULL_PIPE_MS = 10;
/**
 * Milliseconds that whoever else is on a terminal keeps it after the command of `run -t` has ended, for its last
 * words.
 */
export const RUN_LINGER_MS = 500;
/** Milliseconds in which a server must tell its processes to a shell that completes their names. */
export const COMPLETION_MS = 2_000;
/** Milliseconds between two pictures of how far a copy is: as often as an eye can follow. */
export const PROGRESS_MS = 100;
/** Milliseconds between two looks of `ps --watch` at a server's processes. */
export const PS_WATCH_MS = 1_000;
/** Bytes of output that `logs` asks for at once: enough that the way there and back does not count. */
export const LOGS_READ_BYTES = 1 * MiB;
/** Codes of login links for the console that are not used yet: the oldest goes where there are more. */
export const CONSOLE_CODES = 64;
/** Milliseconds in which a login link is to be used: enough to go to a browser, and no more. */
export const CONSOLE_CODE_MS = 5 * 60_000;
/** Logins at the console: the oldest one without an open page ends for one more. */
export const CONSOLE_SESSIONS = 64;
/** Milliseconds after which a login at the console ends: a day's work. */
export const CONSOLE_SESSION_MS = 12 * 3_600_000;
/** Bytes of a login at the console, which is a code and little else. */
export const CONSOLE_LOGIN_BYTES = 1024;
/** Milliseconds that `logs -f -t` lets a server wait for output before it asks again. */
export const LOGS_WAIT_MS = 30_000;
/**
 * Bytes of output that a client lets pile up before a reader that must lose nothing, once it has stopped confirming what
 * arrives and the server sends on regardless; then it stops reading, and answers do not arrive either.
 */
export const CLIENT_QUEUE_LIMIT_BYTES = 16 * MiB;
/**
 * Bytes of a process's output that a client keeps for a first reader who has not come, where the server sends on though
 * nothing is confirmed. Half of what stops the reading: a reader that never comes must not hold up any answers.
 */
export const CLIENT_UNREAD_BYTES = CLIENT_QUEUE_LIMIT_BYTES / 2;
/** Calls of one client that wait for their answers at once, as in the Codex client; further ones wait their turn. */
export const CLIENT_CALLS = 1_024;
/** Events that a client holds while it waits for a missing one, as in the Codex client. */
export const REORDER_EVENTS = 256;
/** Bytes of the events that a client holds while it waits for a missing one, as in the Codex client. */
export const REORDER_BYTES = 1 * MiB;
/** Bytes of one write to a remote process; more is sent in parts, so that no message nears the server's limits. */
export const CLIENT_WRITE_BYTES = 1 * MiB;
/** Writes to one remote process that are unanswered at once, where the server keeps their order: they hide the round trips. */
export const CLIENT_WRITES = 16;
/** Bytes of those, at which no further one is sent: a signal must not wait behind more than that. */
export const CLIENT_WRITES_BYTES = 2 * MiB;
/** Bytes of `run`'s input that go in one write when it floods: reads bring 64 KiB at the most, and each write costs more. */
export const INPUT_WRITE_BYTES = 256 * KiB;
/** Unanswered writes of `run`'s input from which on it is gathered. */
export const INPUT_WRITES_AT_ONCE = 2;
/**
 * Milliseconds in which a client tries to get a lost connection back, as in the Codex client; well inside the 80 s for
 * which a server keeps the session, and as long as this program's server holds output back for it.
 */
export const RECOVERY_MS = adjustable("RECOVERY_MS", 45_000);
/** Milliseconds before a client's second attempt to connect again; the first is made at once. Doubles each time. */
export const RECOVERY_BACKOFF_MS = 100;
/** Milliseconds between two attempts at the most, so that a server that is back is soon found. */
export const RECOVERY_BACKOFF_MAX_MS = 2_000;
/**
 * Milliseconds without a word from the server after which a client asks whether it is there, while something is
 * awaited or runs. Routers forget silent connections after minutes, so this also keeps one open.
 */
export const HEARTBEAT_SILENCE_MS = 15_000;
/**
 * Milliseconds for the answer to that; then the connection counts as lost. Longer than any stall of a busy server.
 */
export const HEARTBEAT_ANSWER_MS = 10_000;
/** The same for a server command, whose session cannot be had back: it is given up when it is gone beyond doubt. */
export const HEARTBEAT_LAST_ANSWER_MS = 60_000;
/**
 * Bytes of missed output that a client fetches at first when it has its connection back; each further part is twice as
 * large. Every part that arrives counts, so that even a connection that never lasts long makes progress.
 */
export const CATCH_UP_READ_BYTES = 64 * KiB;
/** Bytes of such a part at the most: as much as a server keeps for long. */
export const CATCH_UP_READ_MOST_BYTES = 1 * MiB;
/** Parts at the most. No server keeps as much; one that always has another means no good. */
export const CATCH_UP_READS = 64;
/**
 * Milliseconds for one part. A server may be alive and never answer; on a slow line a part may stand behind much output.
 */
export const CATCH_UP_ANSWER_MS = 30_000;
/** Events pushed meanwhile that a client holds until what was missed before them is here; as many as a server keeps. */
export const CATCH_UP_EARLY_EVENTS = RETAINED_OUTPUT_CHUNKS;
/** Bytes of those. */
export const CATCH_UP_EARLY_BYTES = 16 * MiB;
/**
 * Bytes of one process that may wait for a reader which must lose nothing while missed output is fetched: the connection
 * cannot be left unread then, and a server that heeds its client sends far less.
 */
export const CATCH_UP_WAITING_BYTES = 64 * MiB;

// ---------------------------------------------------------------- terminals

/** Bytes taken from one terminal per readiness event: a flood leaves room for everybody else between two events. */
export const TERMINAL_READ_BYTES = 64 * 1024;
/**
 * Milliseconds after which reading one terminal for one event stops. A program that goes on writing meanwhile makes
 * every read wait for the kernel: draining 64 KiB of `yes` took up to 37.
 */
export const TERMINAL_READ_MS = 1;
/**
 * Reads for what a program wrote on its terminal before its exit is told. Each takes what there is, for up to 1 ms; more
 * than the kernel holds is written by somebody else.
 */
export const TERMINAL_LAST_READS = 16;
/**
 * Milliseconds between two looks at a terminal that hung up although its program lives on, and may open it again.
 * Nothing announces that; it is rare (a login program revokes its terminal, for a moment).
 */
export const TERMINAL_RECHECK_MS = 100;
/**
 * Milliseconds between two sweeps over the children that were started on terminals. SIGCHLD announces an exit at
 * once; the sweep is for a signal that got lost.
 */
export const CHILD_SWEEP_MS = 1_000;
/** Descriptors that must be free when the thread that polls starts on Bun, which ends the program without them. */
export const POLL_THREAD_DESCRIPTORS = 8;
/** Threads for calls that wait which Bun has before the first process, so that one that fills the process table takes none. */
export const EARLY_CALL_THREADS = 4;
/** Milliseconds that its start may take, for which everything else waits once, so that nobody takes them away. */
export const POLL_THREAD_START_MS = 5_000;
/** Descriptors that the kernel tells to be ready with one call. */
export const EPOLL_EVENTS = 64;
/**
 * Times that what comes right behind other output is read at once, after a pause: so far what a program writes to its two
 * pipes keeps its order, and a flood does without.
 */
export const POLL_QUICK_ROUNDS = 16;
/** Bytes of output below which that is done: a program's single line, and not a part of much. */
export const QUICK_READ_BYTES = 512;
/** Such reads of one pipe in a row, after which it is a flood of lines. */
export const QUICK_READS = 32;
/** Milliseconds after which one more is allowed. */
export const QUICK_READ_MS = 2;
/** Milliseconds until `poll` is tried again after it failed: it was interrupted, or memory was short. */
export const POLL_RETRY_MS = 10;

// ---------------------------------------------------------------- screens

/** Screens kept at once; one more makes the one looked at longest ago go. Each takes up to 2.5 MiB at 80 columns. */
export const SCREENS = adjustable("SCREENS", 128);
/** Milliseconds for which a screen that nobody looks at is kept; another look replays what the log still has. */
export const SCREEN_IDLE_MS = adjustable("SCREEN_IDLE_MS", 600_000);
/** Cells (rows times columns) of a terminal whose screen is kept, 12 bytes each; the kernel allows 4 billion. */
export const SCREEN_CELLS = 250_000;
/** Lines above the screen that are kept, the newest ones. */
export const SCREEN_SCROLLBACK_LINES = 1_000;
/** Cells of those lines, so that very wide ones are fewer. */
export const SCREEN_SCROLLBACK_CELLS = 250_000;
/**
 * Bytes of output after which a screen is brought up to date though nobody looks: half of what a log keeps, so that a
 * quiet program costs nothing and a lively one leaves no gap.
 */
export const SCREEN_LAG_BYTES = 512 * KiB;
/** Output events after which the same is done: half of what a log keeps. */
export const SCREEN_LAG_EVENTS = 25_000;
/**
 * How long a screen that nobody looks at rests after it was brought up to date, as a multiple of the time it took.
 */
export const SCREEN_REST_FACTOR = 7;
/**
 * The same for a screen that nobody has looked at yet: it takes 2 % of the time that its program floods, and a lively
 * program's screen is whole when the first look comes after more output than a log keeps.
 */
export const SCREEN_UNSEEN_REST_FACTOR = 49;
/** Milliseconds after which a program that writes much is asked again whether it has begun to draw on the screen. */
export const SCREEN_ASK_MS = 1_000;
/** Screens of those that are kept at once. */
export const SCREENS_UNSEEN = 32;
/** Terminals that this program answers for at once, until their processes are forgotten; their screens come on top. */
export const SCREENS_ANSWERING = adjustable("SCREENS_ANSWERING", 128);
/** Bytes an emulator is given at once: 0.01 ms of ordinary output, 30 of the most expensive there is. */
export const SCREEN_SLICE_BYTES = 1 * KiB;
/**
 * The same times the terminal's cells: an escape code of 2 bytes may go over all of them, so a terminal larger than 24
 * rows and 80 columns is given less at once.
 */
export const SCREEN_SLICE_BYTE_CELLS = SCREEN_SLICE_BYTES * 24 * 80;
/** Bytes it is given at the least, so that ordinary output is not slow either. */
export const SCREEN_SLICE_LEAST_BYTES = 32;
/** Milliseconds for which an emulator is fed before everybody else has a turn, for as long. */
export const SCREEN_TURN_MS = 8;
/**
 * Bytes that have left a log and are looked through at once for what they have set: what a program of the
 * whole screen writes in some minutes. What a flood sets beyond that is not known to a screen that it has overtaken.
 */
export const TERMINAL_MODES_BYTES = 2 * MiB;
/** Bytes by which that grows again in a second: 1 % of this program's time, and more than a person can follow. */
export const TERMINAL_MODES_BYTES_PER_SECOND = 512 * KiB;
/** Bytes of an escape code that are looked at where output is not shown: more than any has that means something there. */
export const ESCAPE_CODE_BYTES = 4 * KiB;
/** Bytes of the codes for how a program writes that are remembered; most use fewer than 30 between two plain ones. */
export const PEN_BYTES = 128;
/** Characters of a window title that are kept; programs may set one of 10 million. */
export const SCREEN_TITLE_CHARS = 1_024;
/** UTF-16 units of one cell: emoji of several people have up to 15; programs may send any number of accents. */
export const CELL_CHARS = 32;

/** Characters of a Host or Origin header that a refusal repeats, so that its reader may copy the flag that admits it. */
export const SHOWN_HEADER_CHARS = 253;

// ---------------------------------------------------------------- HTTP requests

/** Redirects that one request follows, as in the reference server. */
export const HTTP_REDIRECTS = 10;
/**
 * Requests of one connection that run at once, streamed bodies included; one more is refused. Each holds a socket.
 */
export const HTTP_REQUESTS = adjustable("HTTP_REQUESTS", 128);
/** Bytes of a body that is answered in one piece: its base64 text must fit into one message of 64 MiB. */
export const HTTP_BUFFERED_BODY_BYTES = 47 * MiB;
/** Bytes of a request's body, for the same reason. */
export const HTTP_REQUEST_BODY_BYTES = HTTP_BUFFERED_BODY_BYTES;
/** Bytes of such bodies that one connection may have gathered at once. */
export const HTTP_BUFFERED_TOTAL_BYTES = adjustable("HTTP_BUFFERED_TOTAL_BYTES", 128 * MiB);
/**
 * Bytes of the blocks that such a body is gathered in, so that one which arrives byte by byte costs no more than its
 * bytes.
 */
export const GATHERED_BLOCK_BYTES = 64 * KiB;
/**
 * Bytes that a compressed body is decompressed to before somebody takes them. It is never decompressed ahead, so that
 * one which expands a thousandfold is bounded as any other.
 */
export const DECOMPRESSED_PIECE_BYTES = 64 * KiB;
/** Milliseconds that a body is decompressed in one go; then others have their turn. */
export const DECOMPRESSION_TURN_MS = 5;
/** Bytes of one piece of a streamed body, as in the reference server. */
export const HTTP_BODY_DELTA_BYTES = 1 * MiB;
/** Bytes of an answer's header lines; more fails the request. Servers that send more mean no good. */
export const HTTP_HEADER_BYTES = 256 * KiB;
/** Milliseconds that a runtime's timer takes at the most, 24 days; a longer timeout is cut to it. */
export const TIMER_MS = 2 ** 31 - 1;
// ---------------------------------------------------------------- environment

/** Bytes of one Codex configuration file; nobody writes a larger one, and it is read whole. */
export const CONFIG_FILE_BYTES = 4 * MiB;
/** Bytes of one skill, manifest or other capability file, as in the reference server. */
export const CAPABILITY_FILE_BYTES = 1 * MiB;
/**
 * Bytes of capability files in one answer, so that it stays one message; the reference server's limit for one root.
 */
export const CAPABILITY_BUNDLE_BYTES = 16 * MiB;
/** Roots or plugins that one request looks into, so that its answer comes in time. */
export const CAPABILITY_ROOTS = 256;
/** Levels of directories below a root that are looked into, as in the reference server. */
export const CAPABILITY_DEPTH = 6;
/** Directories of one root that are looked into, as in the reference server. */
export const CAPABILITY_DIRECTORIES = 2_000;
/** Names in the directories of one root, as in the reference server. */
export const CAPABILITY_ENTRIES = 20_000;
/** Warnings in one answer; nobody reads more. */
export const CAPABILITY_WARNINGS = 100;
/** Characters of YAML that describe one skill: reading it takes long where it is nested deeply. */
export const SKILL_YAML_CHARS = 64 * KiB;
/** Characters of a skill's name, as in the reference server; also of the kind of a tool it depends on. */
export const SKILL_NAME_CHARS = 64;
/** Characters of a text about a tool that a skill depends on, as in the reference server. */
export const SKILL_TEXT_CHARS = 1_024;

// ---------------------------------------------------------------- trees as archives

/** Bytes of a file up to which it is packed and unpacked in one piece: several are under way at once. */
export const ARCHIVE_FILE_BYTES = 256 * KiB;
/** Files of a tree that are read, or written, at once: enough for all threads, few for the descriptors. */
export const ARCHIVE_FILES_AHEAD = 16;
/** Bytes of an archive that are gathered before they go on: as many as a block of a file has. */
export const ARCHIVE_PIECE_BYTES = 1 * MiB;
/** Bytes of names and the like before an entry: more than any path has. */
export const ARCHIVE_HEADER_BYTES = 64 * KiB;

/** How often a transfer begins: a connection that is lost again and again will not bring it to its end. */
export const TRANSFER_ATTEMPTS = 5;

// ---------------------------------------------------------------- collected output

/**
 * Bytes of a process's output that a wrapper around it keeps, half from the beginning and half from the end, unless told
 * otherwise: what a reader makes sense of stands there.
 */
export const COLLECTED_OUTPUT_BYTES = 1 * MiB;
/**
 * Bytes of each stream of a command that its result keeps, unless told otherwise: texts of this size can be handled, and
 * whatever writes more is better read line by line.
 */
export const RUN_OUTPUT_BYTES = 64 * MiB;
/** Milliseconds without output after which a wait for a process that has exited ends, whoever holds its streams. */
export const EXITED_QUIET_MS = 500;
/** Milliseconds after the exit at which it ends in any case: a job that was left behind may write without end. */
export const EXITED_STREAMS_MS = 2_000;
/** Milliseconds for a terminated process's end to be told: longer than a lost connection is tried to be had back. */
export const TERMINATED_MS = 60_000;
/** Characters of new output in which a pattern that somebody waits for is looked for. */
export const PATTERN_CHARS = 64 * KiB;
// ---------------------------------------------------------------- MCP servers

/** Bytes of one message of an MCP server; some more than the SDK takes of a server that it starts itself. */
export const MCP_LINE_BYTES = 16 * MiB;
/** Bytes of an MCP server's stderr that are kept, the last ones. */
export const MCP_STDERR_BYTES = 64 * KiB;
/** Characters of an MCP server's words that an error message quotes. */
export const MCP_QUOTE_CHARS = 1 * KiB;
/** Milliseconds an MCP server has to end when its stdin has, before SIGTERM; as in the SDK. */
export const MCP_STDIN_MS = 2_000;
/** Milliseconds it has after SIGTERM, before it is killed; as in the SDK. */
export const MCP_SIGNAL_MS = 2_000;
/** Milliseconds for which the streams of an MCP server that has exited may stay open in the hands of others. */
export const MCP_STREAMS_MS = 1_000;
// ---------------------------------------------------------------- telemetry

/** Milliseconds between two times that metrics are sent by OTLP, unless OTEL_METRIC_EXPORT_INTERVAL says it; as it is there. */
export const OTLP_METRICS_MS = 60_000;
/** Milliseconds that the end of a server waits for what is left to be sent. */
export const TELEMETRY_FLUSH_MS = 2_000;
/** Characters of a client's `tracestate` that are taken over; what is longer counts nothing. */
export const TRACE_STATE_CHARS = 512;

// ---------------------------------------------------------------- tools for agents

/** Bytes of output or of a file that one answer of a tool holds, unless it is told otherwise: some 5,000 tokens. */
export const TOOL_ANSWER_BYTES = 16 * KiB;
/** The most that may be asked for: clients cut longer answers, or refuse them. */
export const TOOL_LARGEST_ANSWER_BYTES = 256 * KiB;
/** Bytes of a command's output that are kept to be read on, the newest. */
export const TOOL_OUTPUT_BYTES = 1 * MiB;
/** Bytes of its beginning that are kept beside them: what went wrong first often stands there. */
export const TOOL_OUTPUT_HEAD_BYTES = 64 * KiB;
/** Commands that are known at once, running or ended: more would be forgotten by their user, too. */
export const TOOL_PROCESSES = adjustable("TOOL_PROCESSES", 100);
/** Seconds that a command is waited for, unless it is told otherwise: clients give a call up after 60. */
export const TOOL_WAIT_SECONDS = 30;
/** The longest that one call waits. */
export const TOOL_LONGEST_WAIT_SECONDS = 3_600;
/** Milliseconds that are waited for what a program says to what it was sent. */
export const TOOL_REPLY_MS = 1_000;
/** Milliseconds without output after which a program has said what it has to say to that. */
export const TOOL_QUIET_MS = 250;
/** Milliseconds between two words about the progress of a call. */
export const TOOL_PROGRESS_MS = 2_000;
/** Characters of a command, and of its last line of output, that stand in a line: they fit a person's screen. */
export const TOOL_LINE_CHARS = 120;
/** Bytes of an image that a tool shows: clients take some 5 MB, in base64. */
export const TOOL_IMAGE_BYTES = 3 * MiB;
/** Bytes of a file in which a text is replaced. */
export const TOOL_EDIT_BYTES = 16 * MiB;
/** Names of a directory that one answer holds. */
export const TOOL_DIRECTORY_ENTRIES = 1_000;
// ---------------------------------------------------------------- files

/** Bytes of a file that is read whole, as in the reference server. */
export const FILE_READ_BYTES = 512 * MiB;
/** Bytes of one block of a file stream, as in the reference server. */
export const FILE_BLOCK_BYTES = 1 * MiB;
/** Open file streams of one connection, as in the reference server. */
export const FILE_HANDLES = adjustable("FILE_HANDLES", 128);
/** Bytes of a file stream's id, as in the reference server. */
export const FILE_HANDLE_ID_BYTES = 32;
/** Bytes of directory entries fetched at once: hundreds of names for one call of the kernel. */
export const DIRECTORY_BLOCK_BYTES = 64 * KiB;
/** Directory entries turned over at once, before other work gets its turn. */
export const DIRECTORY_PART_ENTRIES = 4_096;
/** Entries of a directory that is listed whole, as in the reference server; a larger one is refused. */
export const DIRECTORY_ENTRIES = 50_000;
/** What a client may ask of a walk at the most, as in the reference server. */
export const WALK_MAXIMUMS = { depth: 64, directories: 10_000, entries: 50_000 } as const;
/** Bytes of a walk's answer, counted as in the reference server: the URI, the message, and some for each entry. */
export const WALK_ANSWER_BYTES = 4 * MiB;
/** What an entry of a walk's answer counts beside its texts. */
export const WALK_ENTRY_BYTES = 64;
/**
 * Bytes of a file that a client reads or writes in one message; a larger one goes block by block, so that no message nears
 * a server's limits or holds everything else up.
 */
export const CLIENT_FILE_BYTES = 8 * MiB;
/** Blocks of a file stream that are asked for ahead of their reader: they hide the network's round trips. */
export const FILE_READ_AHEAD_BLOCKS = 4;
/** Changes of a watch that wait for their reader; more become one that says to look again. */
export const WATCHER_CHANGES = 4_096;
/** Characters of a path's URI before it is parsed, several times as many as the longest path's. */
export const URI_CHARS = 64 * KiB;
/** Bytes of a path, as in Linux with its NUL; a longer one is refused before it is taken apart. */
export const PATH_BYTES = 4_096;
/**
 * Calls that may wait for a disk on a thread of the runtime at once, of all clients: Deno has 32 such threads, and one of
 * them polls. On Bun as many are asked for.
 */
export const CALL_THREADS = 28;
/** The part of them that calls on file systems of other machines and programs may have, however many clients make them. */
export const REMOTE_CALL_THREADS_SHARE = 0.75;
/** Directories that the removal of a tree holds open at once, however deep the tree is. */
export const REMOVE_DIRECTORIES = 64;
/** Files of one directory that are removed at once. */
export const REMOVE_CALLS = 64;
/** Paths of one `fs/watchMissing`, as in the reference server. */
export const MISSING_PATHS = 64;

// ---------------------------------------------------------------- confinement

/** Files that the patterns of a policy may hide, as in the reference server: each is a mount of its own. */
export const PATTERN_MATCHES = 8_192;
/** Names that are looked at for one pattern of a policy: a whole tree is looked through before anything runs. */
export const PATTERN_NAMES = 1_000_000;
/** Patterns that one with alternatives (`{a,b}`) may stand for. */
export const PATTERN_ALTERNATIVES = 64;
/** Times that a policy is looked up for one start: what it names may go between that and the start. */
export const CONFINED_START_ATTEMPTS = 5;
/** Milliseconds that a server waits for others of its user to change what they write down of their placeholders. */
export const PLACEHOLDER_LOCK_MS = 5_000;
/** Milliseconds between two looks at whether they have. */
export const PLACEHOLDER_LOCK_LOOK_MS = 2;
/** Bytes of a `.git` file that are looked at: it holds one path. */
export const GIT_FILE_BYTES = 4_096;

// ---------------------------------------------------------------- connections to ports of the machine

/** Connections to ports that a session may have at once: each takes a descriptor, and a window of memory in each direction. */
export const TCP_CONNECTIONS = adjustable("TCP_CONNECTIONS", 128);
/** Milliseconds that a port is tried. */
export const TCP_CONNECT_MS = adjustable("TCP_CONNECT_MS", 10_000);
/**
 * Bytes that a connection has sent and its reader has not taken, from which on it is not read: less than what holds up a
 * whole client, so that one slow reader holds nobody else up.
 */
export const TCP_WINDOW_BYTES = 1 * MiB;
/** The same for pieces: tiny ones cost more than their bytes. */
export const TCP_WINDOW_CHUNKS = 8_192;
/** Parts of a window of which a client says that they are taken: seldom enough, and before the window is full. */
export const TCP_WINDOW_PARTS = 4;
/** Bytes of one piece that a client sends. */
export const TCP_PIECE_BYTES = 256 * KiB;
/** Pieces of a connection that a client sends before one of them is answered: little ones are put together meanwhile. */
export const TCP_PIECES = 4;
/** Bytes of them that each connection may have unanswered in any case. */
export const TCP_OWN_BYTES = 64 * KiB;
/** Bytes beyond those that all connections of a client may have: so many that what nobody reads keeps no request away. */
export const TCP_SHARED_BYTES = 4 * MiB;

// ---------------------------------------------------------------- the network of a process

/** Connections that the proxy of one process serves at once; one more is reset. Each may take two descriptors. */
export const NETWORK_PROXY_CONNECTIONS = adjustable("NETWORK_PROXY_CONNECTIONS", 512);
/** Bytes of the head of a request or an answer that passes a proxy, as most servers take. */
export const NETWORK_PROXY_HEAD_BYTES = 64 * KiB;
/** Bytes of a line between two chunks of a body, and of all lines behind the last. */
export const NETWORK_PROXY_CHUNK_LINE_BYTES = 16 * KiB;
/** Milliseconds that a proxy tries to connect, to all addresses of a host together. */
export const NETWORK_PROXY_CONNECT_MS = adjustable("NETWORK_PROXY_CONNECT_MS", 30_000);
/** Milliseconds that a proxy waits for the addresses of a name. */
export const NETWORK_PROXY_LOOKUP_MS = adjustable("NETWORK_PROXY_LOOKUP_MS", 10_000);
/** Names that a process has asked for whose addresses are remembered, where it knows of no proxy; asked for last. */
export const NETWORK_STAND_IN_NAMES = 16_384;
/** Milliseconds that what a program still sends is read behind the last answer, so that it can read that. */
export const NETWORK_PROXY_LINGER_MS = 2_000;
/** Milliseconds that a server is given to answer once the program that asked has ended its side: mostly it has gone. */
export const NETWORK_PROXY_GONE_MS = 30_000;
/** Bytes that are read at once of a connection of a confined process: a download is many of them. */
export const NETWORK_READ_BYTES = 128 * KiB;
/** Reads that follow one another on a connection before others have a turn. */
export const NETWORK_AT_ONCE = 8;
/** Bytes that the kernel passes on at once between two connections. */
export const NETWORK_SPLICE_BYTES = 1 * MiB;
/** Directions of connections in which the kernel passes bytes on at once: each has a pipe. In others they are read. */
export const NETWORK_SPLICES = 32;
/** Bytes of a flow that are read before the kernel passes them on: most are less, and that takes a pipe. */
export const NETWORK_SPLICED_FROM_BYTES = 512 * KiB;
/** Milliseconds until a proxy accepts again once there were no descriptors for it. */
export const NETWORK_ACCEPT_RETRY_MS = 100;
/** Milliseconds that whoever is asked about a host by the library or by `run --ask-network` has to answer. */
export const NETWORK_ASK_MS = 300_000;
/** Milliseconds that a client has to decide about a host beyond those that it asks for, as in the reference server. */
export const NETWORK_DECISION_GRACE_MS = 5_000;

// ---------------------------------------------------------------- what processes run

/** Bytes of all arguments of a program that somebody decides about, as the kernel takes for a usual stack. */
export const EXEC_ARGUMENT_BYTES = 2 * MiB;
/** Programs that one process may have waiting for its client's decision. More are decided as if nobody answered. */
export const EXEC_QUESTIONS = adjustable("EXEC_QUESTIONS", 256);
/** Decisions that a client may not have read yet: then the next program waits until it has. */
export const EXEC_DECISIONS_UNREAD = adjustable("EXEC_DECISIONS_UNREAD", 1_000);
/** Rules of one policy, which are looked through for every program. */
export const EXEC_RULES = 1_000;
/** Milliseconds that whoever is asked about a program by the library or by `run --ask-exec` has to answer. */
export const EXEC_ASK_MS = 300_000;
/** Milliseconds that what runs elsewhere has to end by itself, once the process has ended in whose place it runs. */
export const ELSEWHERE_GRACE_MS = 2_000;
/** Milliseconds between two looks for signals of a process in whose place something runs elsewhere: that gets them, too. */
export const ELSEWHERE_SIGNAL_MS = 100;
/** Milliseconds between two looks whether a process has stopped that is to end as another did, where it takes long. */
export const REPLACED_LOOK_MS = 20;

// ---------------------------------------------------------------- watching files

/** Milliseconds that changes are gathered before they are told: one saved file is many changes. */
export const WATCH_GATHER_MS = 50;
/**
 * Milliseconds between two looks at what is watched, where the machine tells of no changes: elsewhere than on Linux, and on
 * Deno without `--allow-ffi`.
 */
export const WATCH_POLL_MS = 1_000;
/** How many times as long as a look took the next one is put off then, so that looking takes a small share of the time. */
export const WATCH_POLL_REST = 20;
/** Bytes of events that are read from the kernel at once, before other work gets its turn: some thousands. */
export const INOTIFY_READ_BYTES = 64 * KiB;
/** Links that are followed on the way to a path, as in the kernel; more are a circle. */
export const LINKS_FOLLOWED = 40;
/** Names that are gone to on the way to a path under a policy, links and `..` counted: far more than any path has. */
export const WAY_STEPS = 10_000;
/** Names that are gone to before other work gets its turn: some milliseconds. */
export const WAY_STEPS_AT_ONCE = 50;
/** How often a file is looked for again under a policy, because somebody made or removed it at that moment. */
export const CONFINED_OPEN_ATTEMPTS = 100;
/** Watches of one connection; one more is refused. Each holds a watch of the kernel for every directory in it. */
export const WATCHES = adjustable("WATCHES", 64);
/** Files and directories under all watches of one connection, each of which is remembered: some 200 bytes. */
export const WATCHED_ENTRIES = adjustable("WATCHED_ENTRIES", 50_000);
/**
 * Changed names remembered by themselves; above it, everything that is watched is looked at again, which is cheaper
 * then.
 */
export const WATCH_CHANGED_NAMES = 4_096;
/**
 * Changes in one notification; more are told as an overflow, since a client then looks again at everything anyhow.
 */
export const WATCH_CHANGES = 1_024;
/** Files looked at together: enough to keep the disk busy, and not all of the runtime's threads for long. */
export const WATCH_LOOKS = 64;

// ---------------------------------------------------------------- usage

/** Milliseconds for a file system to tell how full it is; one that takes longer is told without. */
export const USAGE_DISK_MS = 1_000;
/** File systems that are told of: a machine that runs containers may have thousands. */
export const USAGE_DISKS = 64;

// ---------------------------------------------------------------- fleet

/** Bytes of a message in one frame: the broker takes 1 MiB, and has least to do per byte with frames of up to 60 KB. */
export const FLEET_FRAME_BYTES = 60_000;
/** Bytes of the largest message that a fleet's broker must take (`max_payload`): a frame, and what tells of a host. */
export const FLEET_PAYLOAD_BYTES = 64 * KiB;
/** Bytes that every frame counts beside its own: that many small ones fill no memory. */
export const FLEET_FRAME_COST = 64;
/** Bytes that a client grants a host at once. */
export const FLEET_WINDOW_DOWN_BYTES = 4 * MiB;
/** Bytes that a host grants a client at once. */
export const FLEET_WINDOW_UP_BYTES = 1 * MiB;
/** Bytes that every carrier may have granted, however many there are: fewer, and it would move in small steps. */
export const FLEET_WINDOW_LEAST_BYTES = 128 * KiB;
/** Bytes granted on one connection to the broker, which cuts off whoever leaves more than 64 MB with it. */
export const FLEET_GRANT_BYTES = 32 * MiB;
/** Frames that wait for a reader: those of a whole window, and pings. */
export const FLEET_INBOX_FRAMES = 100_000;
/** Milliseconds for a host to answer that it opens a carrier. */
export const FLEET_OPEN_MS = 3_000;
/**
 * Milliseconds without a further answer after which all hosts are taken to have told who they are: more than an answer takes
 * from the other side of the world, where another host is near.
 */
export const FLEET_DISCOVER_STALL_MS = 350;
/** Milliseconds for all of them. */
export const FLEET_DISCOVER_MS = 5_000;
/** Milliseconds between two announcements of a host: who has missed three of them is gone. */
export const FLEET_ANNOUNCE_MS = 30_000;
/** Milliseconds between two looks of a host whether its processes or sessions have become others, which it announces. */
export const FLEET_CHANGE_MS = 2_000;
/** Questions to all hosts in turn without an answer of one after which it is taken to be gone. */
export const FLEET_MISSED_QUESTIONS = 3;
/** Hosts that one watcher sends something to at once, to hear from the broker which are gone; each has its turn. */
export const FLEET_PROBES = 500;
/** Milliseconds for which a watcher tells that a host has gone. */
export const FLEET_GONE_MS = 300_000;
/** Milliseconds in which changes of several hosts are taken together. */
export const FLEET_SHOW_MS = 100;
/** Milliseconds between two attempts to reach a broker that is lost, at least; up to as much more at random. */
export const FLEET_RECONNECT_MS = 250;
/** Milliseconds for one attempt to reach a broker. */
export const FLEET_CONNECT_MS = 10_000;
/** Labels of a host, each of which everybody who lists hosts is told. */
export const FLEET_LABELS = 32;
/** Characters of a name in a fleet: of a host, a group, a client, a label or its value. */
export const FLEET_NAME_CHARS = 64;
/** Milliseconds between two pings to the broker; two without an answer, and it is taken for lost. */
export const FLEET_PING_MS = 2_000;
/** Milliseconds between two pings to a host, which the broker answers where it is gone. */
export const FLEET_SILENCE_MS = 1_000;
/** Milliseconds for a living host of the same name to say so. */
export const FLEET_NAME_TAKEN_MS = 1_000;
/** Hosts on which one `run --on-all` runs at once, where nobody says how many: each has a connection and buffers here. */
export const FLEET_RUNS = 32;
/** Bytes of a line that is held until it has come to its end, for each stream of each host. */
export const FLEET_LINE_BYTES = 64 * KiB;
/** Milliseconds between two looks whether a host that drains has anything running. */
export const FLEET_DRAIN_LOOK_MS = 500;
