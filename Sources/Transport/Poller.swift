internal import CZeroMQ
internal import Glibc

/// What a socket or file descriptor is waited for, or found to be ready for.
package struct PollEvents: OptionSet, Hashable, Sendable {
  package let rawValue: Int16
  package init(rawValue: Int16) { self.rawValue = rawValue }

  /// A message or a byte can be read without blocking; for a file descriptor also the end of its data.
  package static let readable = PollEvents(rawValue: 1)
  /// There is room to send.
  package static let writable = PollEvents(rawValue: 2)
  /// A file descriptor has failed or its other end has hung up. Reported even when not asked for; never for sockets.
  package static let error = PollEvents(rawValue: 4)
}

/// How a wait ended.
package enum PollOutcome: Hashable, Sendable {
  /// This many entries are ready; ``Poller/events(of:)`` tells which.
  case ready(Int)
  case timedOut
  /// A signal was handled. Nothing else is known: look at what the handler left behind, and wait again.
  case interrupted
}

/// Waits for any mix of sockets and file descriptors. Made once and used again: a wait allocates nothing, up to 16
/// entries also inside libzmq.
///
/// A socket may close while it is registered: its entry just never becomes ready again. Like the sockets, a poller belongs
/// to one thread.
///
/// Unsafe inside: `items` is rebuilt for each wait from the handles that are still open, and the poller keeps those
/// alive, so no item addresses a socket that is gone.
@safe
package struct Poller: ~Copyable {
  /// One registered socket or file descriptor, valid for the poller that gave it.
  package struct Entry: Hashable, Sendable {
    fileprivate let index: Int
  }

  private enum Source {
    case socket(SocketHandle)
    case descriptor(Int32)
  }

  private var sources: [(source: Source, interest: PollEvents)] = []
  private var items: [zmq_pollitem_t] = unsafe []

  package init() {}

  /// Registers a socket.
  package mutating func add(_ socket: borrowing some Socket & ~Copyable, for interest: PollEvents) -> Entry {
    add(.socket(socket.handle), interest)
  }

  /// Registers a file descriptor, which the caller keeps open.
  package mutating func add(fileDescriptor: Int32, for interest: PollEvents) -> Entry {
    add(.descriptor(fileDescriptor), interest)
  }

  private mutating func add(_ source: Source, _ interest: PollEvents) -> Entry {
    sources.append((source, interest))
    unsafe items.append(Self.idle)
    return Entry(index: sources.count - 1)
  }

  /// Changes what an entry is waited for. With no events it is ignored altogether.
  package mutating func setInterest(_ interest: PollEvents, of entry: Entry) {
    sources[entry.index].interest = interest
  }

  /// Forgets all entries and keeps the memory.
  package mutating func removeAll() {
    sources.removeAll(keepingCapacity: true)
    unsafe items.removeAll(keepingCapacity: true)
  }

  /// Waits until an entry is ready, or `milliseconds` have passed (-1: for ever, 0: only looks), or a signal comes.
  package mutating func wait(milliseconds: Int) throws(TransportError) -> PollOutcome {
    guard milliseconds >= 0 || !sources.isEmpty else { throw TransportError(.poll, code: EINVAL) }
    for index in sources.indices { unsafe items[index] = Self.item(for: sources[index]) }
    let count = Int32(truncatingIfNeeded: sources.count)
    let ready = unsafe items.withUnsafeMutableBufferPointer {
      unsafe zmq_poll($0.baseAddress, count, max(milliseconds, -1))
    }
    if ready > 0 { return .ready(Int(ready)) }
    if ready == 0 { return .timedOut }
    let code = zmq_errno()
    // A wait that failed says nothing about any entry, and neither must what it left in the items.
    for index in sources.indices { unsafe items[index].revents = 0 }
    if code == EINTR { return .interrupted }
    throw TransportError(.poll, code: code)
  }

  /// What the last wait found for an entry.
  package func events(of entry: Entry) -> PollEvents { PollEvents(rawValue: unsafe items[entry.index].revents) }

  /// An item that `poll` passes over: no socket, and a negative descriptor.
  private static var idle: zmq_pollitem_t {
    unsafe zmq_pollitem_t(socket: nil, fd: -1, events: 0, revents: 0)
  }

  private static func item(for entry: (source: Source, interest: PollEvents)) -> zmq_pollitem_t {
    var item = unsafe idle
    // Without interest the descriptor stays -1: `poll` would report its hang-up at once, again and again.
    if entry.interest.isEmpty { return unsafe item }
    unsafe item.events = entry.interest.rawValue
    switch entry.source {
    case .socket(let handle): unsafe item.socket = handle.raw
    case .descriptor(let descriptor): unsafe item.fd = descriptor
    }
    return unsafe item
  }
}
