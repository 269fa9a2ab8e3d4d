import TestSupport

/// What must come of a job whose version changes while it runs: every row is of one version, none is missing or there twice, and
/// one version follows the other at one place of the pipeline's order, for all sinks.
struct VersionJudge {
  private let names: [String]
  /// What comes of each version alone, by the sinks' names, in lines.
  private let expected: [[String: [ArraySlice<UInt8>]]]
  private let places: [String: [Undisturbed.Place]]
  /// The versions of the epochs, one after the other.
  private var history: [Int] = []
  /// Rows whose place is known, and the version that each is of.
  private var rows: [(place: Undisturbed.Place, version: Int)] = []

  /// nil where the job has no versions.
  init?(_ job: RandomJob, first: Undisturbed) throws {
    guard !job.versions.isEmpty else { return nil }
    names = job.versions
    places = first.places
    expected = try names.indices.map { version in
      let alone = version == 0 ? first : try Undisturbed(job, version: version)
      return alone.results.mapValues { Self.lines($0) }
    }
  }

  /// An epoch begins.
  mutating func note(_ version: Int) { if history.last != version { history.append(version) } }

  /// Takes in what a sink has shown, which is to be whole.
  mutating func take(_ results: [UInt8], of sink: String) throws {
    let lines = Self.lines(results)
    let right = expected.map { $0[sink] ?? [] }
    guard lines.count == right[0].count else {
      throw SimulationFailure("\(sink) shows \(lines.count) lines, not \(right[0].count)")
    }
    // A header is no row, and the same in all versions.
    let headers = places[sink].map { lines.count - $0.count } ?? 0
    for (number, line) in lines.enumerated() {
      guard let version = right.firstIndex(where: { $0[number] == line }) else {
        throw SimulationFailure(
          "line \(number) of \(sink) is of no version:\n\(String(decoding: line, as: UTF8.self))\nnot\n"
            + String(decoding: right[0][number], as: UTF8.self)
        )
      }
      if let places = places[sink], number >= headers { rows.append((places[number - headers], version)) }
    }
  }

  /// Looks at the rows of all sinks together.
  func check() throws {
    var rest = history[...]
    var last: (place: Undisturbed.Place, version: Int)?
    for row in rows.sorted(by: { $0.place < $1.place }) {
      if let last, last.place == row.place, last.version != row.version {
        throw SimulationFailure(
          "a row is of \(names[last.version]) in one sink and of \(names[row.version]) in another"
        )
      }
      rest = rest.drop { $0 != row.version }
      guard !rest.isEmpty else {
        throw SimulationFailure("rows of \(names[row.version]) come where it is not in force; \(history) were")
      }
      last = row
    }
  }

  /// Line ends within quotes are none.
  private static func lines(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
    var lines: [ArraySlice<UInt8>] = []
    var (start, isQuoted) = (0, false)
    for (index, byte) in bytes.enumerated() {
      if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
      guard byte == UInt8(ascii: "\n"), !isQuoted else { continue }
      lines.append(bytes[start...index])
      start = index + 1
    }
    return start < bytes.count ? lines + [bytes[start...]] : lines
  }
}
