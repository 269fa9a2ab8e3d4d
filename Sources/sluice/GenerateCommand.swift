internal import ArgumentParser
internal import Records
internal import Simulators

/// `sluice generate`: data to try things with.
struct GenerateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate",
    abstract: "Makes data sets.",
    subcommands: [
      GenerateTransactions.self, GenerateLogins.self, GenerateAuthorisations.self, GenerateTransfers.self,
      GenerateSensors.self,
    ]
  )

  /// Writes rows to stdout as CSV.
  static func write<Row: SimulatedRow>(_ rows: [Row], from start: Int64) throws {
    let full = 1 << 16
    var text = TextBuffer(capacity: full)
    Row.appendHeader(to: &text)
    for (id, row) in rows.enumerated() {
      row.append(id: id, start: start, to: &text)
      guard text.count > full else { continue }
      try StandardOutput.write(text.bytes)
      text.removeAll()
    }
    try StandardOutput.write(text.bytes)
  }

  /// - Parameter values: options by name, each with what it is and the most that it may be.
  static func check(_ values: KeyValuePairs<String, (value: Int, most: Int)>) throws {
    for (name, (value, most)) in values where !(1...most).contains(value) {
      throw ValidationError("\(name) is \(value): give it 1 to \(most).")
    }
  }

  /// All rows are held in memory until the last one is known.
  ///
  /// - Parameter rows: what so large a product makes, for people.
  static func check(product: Int, of names: String, most: Int, rows: String) throws {
    guard product > most else { return }
    throw ValidationError(
      "\(names) is \(product), and all their rows are held in memory: give them a product of at most \(most), which makes "
        + "some \(rows)."
    )
  }
}
