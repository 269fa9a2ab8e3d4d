internal import Backtest
internal import Foundation
internal import Metrics
internal import Records

/// Drift as text on stdout: each column over all days, then each day with the column that moved most.
struct DriftText {
  let text: String

  init(_ drift: Drift, _ reference: ReferenceFile) {
    let days = "\(reference.firstDay) to \(reference.lastDay)"
    let rows = reference.columns.first?.distribution.rows ?? 0
    text =
      "reference           \(days), \(Words.rows(rows)) of \(reference.pipeline.printable)\n\n"
      + Self.columns(drift) + "\n" + Self.days(drift)
  }

  private static func columns(_ drift: Drift) -> String {
    var table = TextTable([.left("column"), .right("PSI"), .right("highest"), .left("on"), .left("")])
    for (place, (name, index)) in zip(drift.columns, drift.overall).enumerated() {
      guard let worst = drift.days.max(by: { $0.indices[place] < $1.indices[place] }) else { continue }
      table.add([
        name, index.fixed(4), worst.indices[place].fixed(4), Words.date(worst.day), word(index),
      ])
    }
    return table.text
  }

  private static func days(_ drift: Drift) -> String {
    var table = TextTable([
      .left("day"), .right("rows"), .right("90d fraud value"), .right(drift.columns[0]), .right("most moved"),
      .left(""),
    ])
    for day in drift.days {
      let most = day.indices.indices.max { day.indices[$0] < day.indices[$1] } ?? 0
      table.add([
        Words.date(day.day), day.rows.grouped, day.fraudValueRate.map { ($0 * 100).fixed(3) + "%" } ?? "-",
        day.indices[0].fixed(4), day.indices[most].fixed(4), drift.columns[most],
      ])
    }
    return table.text
  }

  /// What is usually said of an index.
  private static func word(_ index: Double) -> String { index < 0.1 ? "" : index < 0.25 ? "moved" : "shifted" }
}

/// Drift as one JSON object, for other programs.
struct DriftJSON: Encodable {
  private let columns: [Column]
  private let days: [Day]

  private struct Column: Encodable {
    let name: String
    let psi: Double
  }

  private struct Day: Encodable {
    let day: String
    let rows: Int64
    let fraudValueRate: Double?
    /// In the order of the columns.
    let psi: [Double]
  }

  init(_ drift: Drift) {
    columns = zip(drift.columns, drift.overall).map { Column(name: $0, psi: $1) }
    days = drift.days.map {
      Day(day: Words.date($0.day), rows: $0.rows, fraudValueRate: $0.fraudValueRate, psi: $0.indices)
    }
  }

  func text() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }
}
