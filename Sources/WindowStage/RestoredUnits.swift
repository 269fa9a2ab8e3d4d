internal import Dataflow
internal import Records

/// From the numbers under which units were saved to their new ones; and which of them are in use.
struct RestoredUnits: ~Copyable {
  /// For each origin, where its pages stand in `pages`.
  private var first: [Int: Range<Int>] = [:]
  /// The new number of a page + 1; 0 where there is none.
  private var pages: [UInt32]
  /// The key group of each page, by its new number.
  private let groups: [UInt8]
  /// A bit for each unit in use, by the new numbers of pages.
  private(set) var used: [UInt32]

  /// - Parameter numbers: the new number of each page, in their order.
  init(_ saved: [Restoration.Page], numbers: [Int], groups: [UInt8]) throws(StageFailure) {
    self.groups = groups
    used = Array(repeating: 0, count: groups.count)
    var sizes: [Int: Int] = [:]
    for page in saved { sizes[page.origin] = max(sizes[page.origin] ?? 0, page.number + 1) }
    var size = 0
    for (origin, count) in sizes {
      first[origin] = size..<size + count
      size += count
    }
    pages = Array(repeating: 0, count: size)
    for (page, number) in zip(saved, numbers) {
      let place = (first[page.origin]?.lowerBound ?? 0) + page.number
      guard pages[place] == 0 else { throw .damagedWindows("block \(page.number) is there twice") }
      pages[place] = UInt32(number + 1)
    }
  }

  /// Takes a unit into use that was saved by `origin` under the number `unit` and belongs to `group`, and gives its number.
  mutating func take(_ unit: Int, from origin: Range<Int>, in group: Int) throws(StageFailure) -> Int {
    let found = try find(unit, from: origin, in: group)
    let bit = 1 << UInt32(found & (UnitPages.unitsPerPage - 1)) as UInt32
    guard used[found >> UnitPages.shift] & bit == 0 else { throw .damagedWindows("two links lead to one place") }
    used[found >> UnitPages.shift] |= bit
    return found
  }

  /// The number of a unit that was saved by `origin` under the number `unit` and belongs to `group`.
  func find(_ unit: Int, from origin: Range<Int>, in group: Int) throws(StageFailure) -> Int {
    guard unit >= 0, unit >> UnitPages.shift < origin.count else { throw Self.outside }
    let page = Int(pages[origin.lowerBound + unit >> UnitPages.shift]) - 1
    guard page >= 0, Int(groups[page]) == group else { throw Self.outside }
    return page << UnitPages.shift + unit & (UnitPages.unitsPerPage - 1)
  }

  /// Where the pages of an origin stand.
  func pages(from origin: Int) -> Range<Int> { first[origin] ?? 0..<0 }

  private static var outside: StageFailure { .damagedWindows("a link leads out of its key group") }
}
