internal import CZeroMQ
internal import Glibc

/// A call into libzmq that failed: what was tried, where, why, and what to do about it.
package struct TransportError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was tried.
  package enum Operation: Hashable, Sendable {
    case createContext
    case createSocket
    case setOption(String)
    case bind
    case connect
    case createMessage
    case send
    case receive
    case poll
  }

  package let operation: Operation
  /// The endpoint in question, or the last that the socket was bound or connected to.
  package let endpoint: Endpoint?
  /// The system's or libzmq's error number.
  package let code: Int32

  init(_ operation: Operation, endpoint: Endpoint? = nil, code: Int32) {
    self.operation = operation
    self.endpoint = endpoint
    self.code = code
  }

  /// The error of the libzmq call that this thread has just made.
  static func last(_ operation: Operation, endpoint: Endpoint? = nil) -> TransportError {
    TransportError(operation, endpoint: endpoint, code: zmq_errno())
  }

  /// Whether the context was shut down: the socket is of no more use, and its thread should end.
  package var isShutDown: Bool { code == transportShutDown }

  /// What the error number means, in the system's words.
  package var reason: String { unsafe String(cString: zmq_strerror(code)) }

  package var description: String {
    let place = endpoint.map { " \($0)" } ?? ""
    let advice = remedy.map { "; \($0)" } ?? ""
    return "cannot \(verb)\(place): \(reason) (error \(code))\(advice)"
  }

  private var verb: String {
    switch operation {
    case .createContext: "start the message transport"
    case .createSocket: "create a socket"
    case .setOption(let name): "set the socket option '\(name)'"
    case .bind: "listen on"
    case .connect: "connect to"
    case .createMessage: "allocate a message"
    case .send: "send to"
    case .receive: "receive from"
    case .poll: "wait for sockets"
    }
  }

  /// What to do about it, for the errors that a user can do something about.
  package var remedy: String? {
    switch (operation, code) {
    case (_, EADDRINUSE): "stop the process that listens there, or choose another port (:* lets the system choose)"
    case (_, EADDRNOTAVAIL), (_, ENODEV): "use an address or an interface of this machine, or *"
    case (_, ENOENT), (_, ENOTDIR): "create the directory of the path first"
    case (_, EACCES), (_, EPERM): "use a directory that this user may write to"
    case (_, ENAMETOOLONG): "use a directory with a shorter path"
    case (_, EPROTONOSUPPORT): "this libzmq lacks the transport; use ipc or tcp"
    case (_, EMFILE), (_, ENFILE): "raise the limit of open files (ulimit -n), or run fewer workers in one process"
    case (_, ENOMEM): "free memory, or send smaller messages"
    case (.setOption, EINVAL): "the value is out of range"
    case (.connect, EINVAL) where endpoint?.isWildcard == true: "name the host and the port that the peer listens on"
    case (.bind, EINVAL), (.connect, EINVAL): "check that the host name resolves"
    case (.createMessage, EINVAL): "a size cannot be negative"
    case (.poll, EINVAL): "add a socket or a file descriptor, or give a timeout"
    case (_, transportShutDown): "the transport was shut down; end the thread"
    default: nil
    }
  }
}

/// libzmq's ETERM, which no system header has.
let transportShutDown: Int32 = ETERM
