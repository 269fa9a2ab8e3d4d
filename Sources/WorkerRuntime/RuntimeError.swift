package import Dataflow

/// Why a worker does not go on, for the person who reads it.
package struct RuntimeError: Error, CustomStringConvertible {
  package enum Kind: Hashable {
    case failure(WorkerFault)
    /// The coordinator has given up this epoch; there will be another.
    case abandoned
    /// The coordinator wants no more of this worker.
    case released
  }

  package let description: String
  package let kind: Kind

  package init(_ description: String, _ fault: WorkerFault = .transient) {
    self.init(description, .failure(fault))
  }

  private init(_ description: String, _ kind: Kind) {
    self.description = description
    self.kind = kind
  }

  package static var abandoned: RuntimeError { RuntimeError("the coordinator has given up this epoch", .abandoned) }
  package static var released: RuntimeError { RuntimeError("the coordinator has ended the run", .released) }
}

/// Turns any module's typed error into the runtime's.
func explaining<R: ~Copyable, E: Error>(_ body: () throws(E) -> R) throws(RuntimeError) -> R {
  try explaining(.transient, body)
}

/// - Parameter fault: what helps against it.
func explaining<R: ~Copyable, E: Error>(
  _ fault: WorkerFault,
  _ body: () throws(E) -> R
) throws(RuntimeError) -> R {
  do { return try body() } catch { throw RuntimeError("\(error)", fault) }
}
