internal import Expressions
package import WindowStage

extension WindowAggregate {
  /// Which rows of the key are in its window, for a row of time t; nil where the function says it all.
  package var rowsInWords: String? {
    switch function {
    case .decayedSum, .decayedMean, .decayedCount, .sequence: return nil
    default: break
    }
    if let resolution { return wordsForCells(of: DurationText.spelling(resolution)) }
    func time(_ age: Int64) -> String { age == 0 ? "t" : "t - \(DurationText.spelling(age))" }
    switch (newer, older) {
    case (.age(let newer), .age(let older)):
      let own = newer == 0 ? ", this row among them" : ""
      return "rows in (\(time(older)), \(time(newer))]\(own)"
    case (.beforeThisRow, .age(let older)): return "rows before this one in (\(time(older)), t]"
    case (.age(0), .rows(let count)): return "the last \(count) rows, this one among them"
    case (.age(let newer), .rows(let count)): return "the last \(count) rows up to \(time(newer))"
    case (.beforeThisRow, .rows(let count)): return "the last \(count) rows before this one"
    case (.age(let newer), .unbounded): return "all rows that are kept up to \(time(newer))"
    case (.beforeThisRow, .unbounded): return "all rows that are kept before this one"
    }
  }

  /// The same where the window is made of cells of that length.
  private func wordsForCells(of length: String) -> String? {
    guard case .age(let older) = older else { return nil }
    let start = "from the start of the \(length) of t - \(DurationText.spelling(older))"
    let words =
      switch newer {
      case .age(0): "rows \(start), this row among them"
      case .age(let newer): "rows \(start) to that of t - \(DurationText.spelling(newer))"
      case .beforeThisRow: "rows before this one \(start)"
      }
    guard case .distinctUpTo(let exact) = function else { return words }
    return words + "; exact up to \(exact), more are estimated, with a standard error of 1.6%"
  }
}

extension WindowPlan {
  /// What it keeps of a key, in bytes: a line each.
  var footprintWords: [String] {
    var lines: [String] = []
    if let footprint {
      lines.append(
        "\(footprint.bytesPerKey) bytes a key and \(footprint.bytesPerChunk) for every \(footprint.rowsPerChunk) "
          + "of its rows, which are kept for \(DurationText.spelling(retention))"
      )
    }
    guard let cells = cellFootprint, let resolution else { return lines }
    lines.append(
      "\(cells.bytesPerKey) bytes a key and \(cells.bytesPerCell) for each \(DurationText.spelling(resolution)) in which "
        + "it has rows, of which \(cells.mostCells) are kept at most: \(cells.mostBytes) bytes a key"
    )
    for set in cells.sets {
      lines.append(
        "about \(set.bytesPerValue) bytes a key for each different value of \(set.features.joined(separator: " and ")), "
          + "of which \(set.exact) are kept at most, and at most about \(set.sketchBytes) where it has more"
      )
    }
    return lines
  }
}
