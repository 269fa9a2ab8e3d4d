internal import Expressions
package import WindowStage

extension WindowAggregate {
  /// Which rows of the key are in its window, for a row of time t; nil where the function says it all.
  package var rowsInWords: String? {
    switch function {
    case .decayedSum, .decayedMean, .decayedCount, .sequence: return nil
    default: break
    }
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
}
