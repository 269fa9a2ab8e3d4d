internal import Records

/// What a new pipeline flags that an old one did not, and the other way round: row by row, matched by their positions.
package struct Comparison {
  /// Rows of both, rated in both.
  package private(set) var both: Int64 = 0
  /// Rows that only one of them leaves.
  package private(set) var onlyOld: Int64 = 0
  package private(set) var onlyNew: Int64 = 0
  package private(set) var newly = Change()
  package private(set) var noLonger = Change()
  package private(set) var days: [Day] = []
  /// By reason, in the order of their names; "" stands for none.
  package private(set) var reasons: [Reason] = []

  /// Rows whose fate differs.
  package struct Change: Hashable {
    package private(set) var rows: Int64 = 0
    package private(set) var frauds: Int64 = 0
    /// Of the frauds, in units of the new pipeline's amounts.
    package private(set) var fraudValue: Int128 = 0

    mutating func add(_ row: History.Row) {
      rows += 1
      guard row.isFraud == true else { return }
      frauds += 1
      fraudValue += Int128(row.amount)
    }
  }

  package struct Day: Hashable {
    package let day: Int64
    package internal(set) var newly = Change()
    package internal(set) var noLonger = Change()
  }

  /// A reason, with the rows that have it when they are flagged.
  package struct Reason: Hashable {
    package let text: String
    package internal(set) var old = Change()
    package internal(set) var new = Change()
    /// Flagged by the new pipeline only.
    package internal(set) var newly = Change()
    /// Flagged by the old pipeline only.
    package internal(set) var noLonger = Change()
  }

  init(_ old: History, _ oldParts: [RowPart], _ new: History, _ newParts: [RowPart]) {
    var table = ReasonTable()
    var (left, right) = (0, 0)
    while left < old.rows.count || right < new.rows.count {
      let (oldRow, newRow) = (old.rows.at(left), new.rows.at(right))
      let isOld = oldRow.map { row in newRow.map { row.position <= $0.position } ?? true } ?? false
      let isNew = newRow.map { row in oldRow.map { row.position <= $0.position } ?? true } ?? false
      let parts = (isOld ? oldParts[left] : nil, isNew ? newParts[right] : nil)
      if isOld { left += 1 }
      if isNew { right += 1 }
      guard parts.0 == .rated || parts.1 == .rated, parts.0 != .blocked, parts.1 != .blocked else { continue }
      switch (isOld, isNew) {
      case (true, true): both += 1
      case (true, false): onlyOld += 1
      default: onlyNew += 1
      }
      let (wasFlagged, isFlagged) = (isOld && oldRow?.isFlagged == true, isNew && newRow?.isFlagged == true)
      if wasFlagged, let row = oldRow {
        table.add(row, old.reasons[Int(row.reasons)], \.old)
        if !isFlagged { table.add(row, old.reasons[Int(row.reasons)], \.noLonger) }
      }
      if isFlagged, let row = newRow {
        table.add(row, new.reasons[Int(row.reasons)], \.new)
        if !wasFlagged { table.add(row, new.reasons[Int(row.reasons)], \.newly) }
      }
      guard let row = isNew ? newRow : oldRow else { continue }
      if days.last?.day != row.day { days.append(Day(day: row.day)) }
      guard wasFlagged != isFlagged else { continue }
      if isFlagged {
        newly.add(row)
        days[days.count - 1].newly.add(row)
      } else {
        noLonger.add(row)
        days[days.count - 1].noLonger.add(row)
      }
    }
    reasons = table.reasons.values.sorted { $0.text < $1.text }
  }

  private struct ReasonTable {
    private(set) var reasons: [String: Reason] = [:]

    mutating func add(_ row: History.Row, _ texts: [String], _ change: WritableKeyPath<Reason, Change>) {
      if texts.isEmpty { reasons["", default: Reason(text: "")][keyPath: change].add(row) }
      for text in texts { reasons[text, default: Reason(text: text)][keyPath: change].add(row) }
    }
  }
}

extension Array {
  fileprivate func at(_ index: Int) -> Element? { index < count ? self[index] : nil }
}
