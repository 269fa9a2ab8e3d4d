internal import Dataflow
internal import Records

/// What was given back so far of a saved state of windows made of cells.
struct CellRestoration {
  /// By key group: the head, and who saved it.
  private(set) var heads: [(origin: Int, head: CellHead)?] = Array(repeating: nil, count: KeyGroups.count)
  /// The pages of each kind of `CellHead.kinds`, in the order in which they came.
  private(set) var pages: [[Restoration.Page]] = Array(repeating: [], count: CellHead.kinds.count)

  var isEmpty: Bool { heads.allSatisfy { $0 == nil } && pages.allSatisfy(\.isEmpty) }

  /// Who saved it all, by number.
  var origins: Set<Int> { Set(heads.compactMap { $0?.origin }) }

  mutating func add(_ head: CellHead, of group: Int, from origin: Int) throws(StageFailure) {
    guard heads[group] == nil else { throw .damagedWindows("key group \(group) is there twice") }
    heads[group] = (origin, head)
  }

  mutating func add(_ page: Restoration.Page, _ kind: Int) throws(StageFailure) {
    guard page.number < Restoration.mostPages else { throw .damagedWindows("a block has the number \(page.number)") }
    pages[kind].append(page)
  }

  /// Checks that the pages of each group are those that its head tells of.
  func check() throws(StageFailure) {
    for (kind, pages) in pages.enumerated() {
      var tallies = Array(repeating: PageTally(), count: KeyGroups.count)
      for page in pages {
        guard heads[page.group]?.origin == page.origin else {
          throw .damagedWindows("key group \(page.group) has a block but no head of the same worker")
        }
        tallies[page.group].include(page.number)
      }
      for (group, head) in heads.enumerated() {
        guard let head, head.head.tallies[kind] != tallies[group] else { continue }
        throw .damagedWindows("key group \(group) misses blocks or has too many")
      }
    }
  }
}
