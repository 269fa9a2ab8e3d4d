internal import Records

/// Rows that have been read and wait, for rows may still come that stand before them; by the places where they are kept.
///
/// Sorted as they come and go (impatience sort, after Chandramouli and Goldstein, "Patience is a Virtue", 2014): each row is put
/// behind the last one of a run, and what may leave is taken from the beginnings of the runs. Rows that come almost in order make
/// few runs, and one that comes in order costs one comparison.
struct HeldRows {
  /// Where a row stands: rows of one time in the order in which they came, which is that of the places where they are kept.
  fileprivate struct Entry: Comparable {
    let time: Int64
    let row: UInt32

    static func < (left: Entry, right: Entry) -> Bool {
      left.time != right.time ? left.time < right.time : left.row < right.row
    }
  }

  /// Rows in their order; those before `first` have been taken.
  fileprivate struct Run {
    var rows: [Entry]
    var first = 0

    var isEmpty: Bool { first == rows.count }
  }

  /// The one first that ends last, and so on.
  private var runs: [Run] = []
  /// The memory of runs that came to their end.
  private var spare: [[Entry]] = []
  /// What may leave, in its order; what is before `nextReady` has left.
  private var ready: [Entry] = []
  private var nextReady = 0
  /// Rows that are kept.
  private(set) var count = 0
  /// Every row of this time or before has been let go.
  private(set) var leftTime: Int64

  /// - Parameter leftTime: rows up to this time are gone.
  init(leftTime: Int64 = .min) { self.leftTime = leftTime }

  /// Whether rows that may leave have not left yet.
  var hasReady: Bool { nextReady < ready.count }
  /// The place of the first of them.
  var firstReady: Int { Int(ready[nextReady].row) }

  /// Holds the row that is kept in place `row`, behind those of all that came before it.
  mutating func hold(_ row: Int, time: Int64) {
    count += 1
    let entry = Entry(time: time, row: UInt32(truncatingIfNeeded: row))
    var (low, high) = (0, runs.count)
    while low < high {
      let middle = low == 0 ? 0 : (low + high) / 2
      if let last = runs[middle].rows.last, last.time <= time { high = middle } else { low = middle + 1 }
    }
    if low == runs.count { runs.append(Run(rows: spare.popLast() ?? [])) }
    runs[low].rows.append(entry)
  }

  /// Lets go of all rows up to a time; only when those that were let go before have left.
  mutating func release(through time: Int64) {
    precondition(!hasReady)
    leftTime = max(leftTime, time)
    ready.removeAll(keepingCapacity: true)
    nextReady = 0
    var hasEmpty = false
    var isSorted = true
    for index in runs.indices {
      let end = runs[index].end(through: leftTime)
      guard end > runs[index].first else { continue }
      isSorted = isSorted && ready.isEmpty
      ready += runs[index].rows[runs[index].first..<end]
      runs[index].dropAll(before: end)
      hasEmpty = hasEmpty || runs[index].isEmpty
    }
    if !isSorted { ready.sort() }
    guard hasEmpty else { return }
    for index in runs.indices where runs[index].isEmpty && spare.count < Self.mostSpare {
      var rows: [Entry] = []
      swap(&rows, &runs[index].rows)
      rows.removeAll(keepingCapacity: true)
      spare.append(rows)
      runs[index].first = 0
    }
    runs.removeAll(where: \.isEmpty)
  }

  private static let mostSpare = 16

  /// Takes the next rows that may leave.
  mutating func take(atMost most: Int) -> RowSelection {
    let end = min(nextReady + most, ready.count)
    let taken = ready[nextReady..<end]
    nextReady = end
    count -= taken.count
    guard let first = taken.first, let last = taken.last else { return .range(0..<0) }
    let isRange =
      Int(last.row) - Int(first.row) == taken.count - 1
      && zip(taken, taken.dropFirst()).allSatisfy { $0.row < $1.row }
    return isRange ? .range(Int(first.row)..<Int(last.row) + 1) : .rows(taken.map(\.row))
  }

  /// Numbers the places where rows are kept anew, without gaps; only when none is about to leave.
  ///
  /// - Parameter places: how many there are.
  /// - Returns: what was the place of each, by its new one.
  mutating func renumber(places: Int) -> [UInt32] {
    precondition(!hasReady)
    var isHeld = [Bool](repeating: false, count: places)
    for run in runs { for entry in run.rows[run.first...] { isHeld[Int(entry.row)] = true } }
    let before = isHeld.indices.filter { isHeld[$0] }.map { UInt32($0) }
    var now = [UInt32](repeating: 0, count: places)
    for (place, old) in before.enumerated() { now[Int(old)] = UInt32(place) }
    for index in runs.indices {
      runs[index].dropTaken()
      for place in runs[index].rows.indices {
        let entry = runs[index].rows[place]
        runs[index].rows[place] = Entry(time: entry.time, row: now[Int(entry.row)])
      }
    }
    return before
  }
}

extension HeldRows.Run {
  /// The place behind the rows up to a time.
  fileprivate func end(through time: Int64) -> Int {
    var end = first
    while end < rows.count, rows[end].time <= time { end += 1 }
    return end
  }

  fileprivate mutating func dropAll(before end: Int) {
    first = end
    if first >= 1024, first * 2 >= rows.count { dropTaken() }
  }

  fileprivate mutating func dropTaken() {
    rows.removeFirst(first)
    first = 0
  }
}
