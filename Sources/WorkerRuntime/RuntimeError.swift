/// Why a worker cannot go on, for the person who reads it.
struct RuntimeError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}

/// Turns any module's typed error into the runtime's.
func explaining<R: ~Copyable, E: Error>(_ body: () throws(E) -> R) throws(RuntimeError) -> R {
  do { return try body() } catch { throw RuntimeError("\(error)") }
}
