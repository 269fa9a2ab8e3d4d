internal import Decisions
internal import Records

/// Windows: features, edges and rows.
extension DecisionText {
  mutating func add(_ name: String, _ window: WindowTrace) {
    line()
    let key = "\(window.key.name) \(window.key.shown)"
    line(
      window.emits
        ? "\(name): a window of \(key) that left this row when it closed"
        : "\(name): \(key), \(Int64(window.rows.count).grouped) row\(window.rows.count == 1 ? "" : "s") up to this one"
    )
    table(
      [.left(""), .right(""), .left("")],
      window.features.map { [$0.cell.name, $0.cell.shown, "= \($0.text)"] },
      hasHeading: false
    )
    // Features over the same rows are shown with them together.
    var groups: [[FeatureTrace]] = []
    for feature in window.features {
      if let group = groups.firstIndex(where: { $0[0].sharesRows(with: feature) }) {
        groups[group].append(feature)
      } else {
        groups.append([feature])
      }
    }
    for group in groups { add(group, window) }
  }

  private mutating func add(_ features: [FeatureTrace], _ window: WindowTrace) {
    let first = features[0]
    line()
    line("  \(features.map(\.cell.name).joined(separator: ", "))")
    let words = [first.words, window.emits ? first.edges.words : first.edges.wordsOfRow].compactMap { $0 }
    if !words.isEmpty { line("  \(words.joined(separator: ": "))") }
    let shown =
      switch first.decisive {
      case .all: Array(first.rows.suffix(most).reversed())
      case .newest: Array(first.rows.suffix(1))
      case .oldest: Array(first.rows.prefix(1))
      }
    if !shown.isEmpty {
      var columns: [Int] = []
      if let id = window.columns.firstIndex(where: { $0.name == trace.column }) { columns.append(id) }
      for feature in features {
        for column in feature.columns where !columns.contains(column) { columns.append(column) }
      }
      let key = window.columns.firstIndex { $0.name == window.key.name }
      columns.removeAll { $0 == key && window.columns[$0].name != trace.column }
      table(
        [.left("time")]
          + columns.map {
            window.columns[$0].isNumber ? .right(window.columns[$0].name) : .left(window.columns[$0].name)
          }
          + [.left("")],
        shown.map { place in
          let row = window.rows[place]
          return [row.position.time.timestampText]
            + columns.map { row.values[$0]?.shownAs(window.columns[$0].type) ?? "-" }
            + [isMeant(place, window) ? "this row" : ""]
        },
        hasHeading: true,
        indent: 4
      )
    }
    line("    \(Self.count(first, shown: shown.count))")
  }

  /// Whether a row is the one that is explained, or, of a window that left that, the one that was asked for.
  private func isMeant(_ place: Int, _ window: WindowTrace) -> Bool {
    if !window.emits { return place == window.rows.count - 1 }
    guard trace.origin != nil, let id = window.columns.firstIndex(where: { $0.name == trace.column }) else {
      return false
    }
    return window.rows[place].values[id] == trace.id
  }

  private static func count(_ feature: FeatureTrace, shown: Int) -> String {
    let (rows, all) = (feature.rows.count, feature.window.count)
    let are = rows == 1 ? "row" : "rows"
    if all == 0 { return "no row" }
    if rows == 0 {
      return all == 1
        ? "the row in the window does not count" : "none of the \(Int64(all).grouped) in the window counts"
    }
    let text =
      rows == all
      ? "\(Int64(rows).grouped) \(are)" : "\(Int64(rows).grouped) of the \(Int64(all).grouped) in the window count"
    switch feature.decisive {
    case .newest: return rows == 1 ? text : "\(text), of which the newest tells"
    case .oldest: return rows == 1 ? text : "\(text), of which the oldest tells"
    case .all:
      if shown == rows || shown == 0 { return text }
      return text + (shown == 1 ? ", the newest shown" : ", the newest \(Int64(shown).grouped) shown")
    }
  }
}

extension FeatureTrace {
  /// Whether another feature is over the same rows, for the same reason.
  fileprivate func sharesRows(with other: FeatureTrace) -> Bool {
    words == other.words && edges == other.edges && window == other.window && rows == other.rows
      && decisive == other.decisive
  }
}

extension WindowEdges {
  /// Of a window that a row has.
  fileprivate var wordsOfRow: String? {
    guard to == nil, let words else { return words }
    return "\(words), up to the row before this one"
  }

  /// Times in words; nil where there are none.
  fileprivate var words: String? {
    let parts = [
      from.map { "\($0.isIncluded ? "from" : "after") \($0.time.timestampText)" },
      to.map { "\($0.isIncluded ? "up to" : "before") \($0.time.timestampText)" },
    ].compactMap { $0 }
    return parts.isEmpty ? nil : parts.joined(separator: ", ")
  }
}

extension Field {
  fileprivate var isNumber: Bool {
    switch type {
    case .int64, .float64, .decimal: true
    case .bool, .timestamp, .string: false
    }
  }
}
