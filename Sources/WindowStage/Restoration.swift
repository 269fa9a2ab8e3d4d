internal import Dataflow
internal import Records

/// What was given back of a saved state so far: whose blocks, under which numbers.
struct Restoration {
  /// A page, as it was saved.
  struct Page {
    let origin: Int
    let group: Int
    let number: Int
  }

  /// The head of a key group, and who saved it.
  struct Head {
    let origin: Int
    let head: StateHead
  }

  /// By key group.
  private(set) var heads: [Head?] = Array(repeating: nil, count: KeyGroups.count)
  /// The pages of each kind, in the order in which they came.
  private(set) var slots: [Page] = []
  private(set) var chunks: [Page] = []
  private(set) var texts: [Page] = []
  /// Whether nothing was given back.
  private(set) var isEmpty = true

  /// Numbers of pages are below this: then units of every kind have numbers that a cursor can name.
  static var mostPages: Int { Cursor.mostChunks >> UnitPages.shift }

  mutating func add(_ head: StateHead, of group: Int, from origin: Int) throws(StageFailure) {
    guard heads[group] == nil else { throw .damagedWindows("key group \(group) is there twice") }
    heads[group] = Head(origin: origin, head: head)
    isEmpty = false
  }

  mutating func add(_ page: Page, _ kind: BlockKind) throws(StageFailure) {
    guard page.number < Self.mostPages else { throw .damagedWindows("a block has the number \(page.number)") }
    switch kind {
    case .slots: slots.append(page)
    case .chunks: chunks.append(page)
    case .texts: texts.append(page)
    default: preconditionFailure("a head is no page")
    }
    isEmpty = false
  }

  /// Who saved it all, by number.
  var origins: Set<Int> { Set(heads.compactMap { $0?.origin }) }

  /// The origin of a group whose pages are there.
  func origin(of group: Int) -> Int { heads[group]?.origin ?? 0 }

  /// Checks that the pages of each group are those that its head tells of.
  func check() throws(StageFailure) {
    try check(slots, \.slots)
    try check(chunks, \.chunks)
    try check(texts, \.texts)
  }

  private func check(_ pages: [Page], _ tally: KeyPath<StateHead, PageTally>) throws(StageFailure) {
    var tallies = Array(repeating: PageTally(), count: KeyGroups.count)
    for page in pages {
      guard heads[page.group]?.origin == page.origin else {
        throw .damagedWindows("key group \(page.group) has a block but no head of the same worker")
      }
      tallies[page.group].include(page.number)
    }
    for (group, head) in heads.enumerated() {
      guard let head, head.head[keyPath: tally] != tallies[group] else { continue }
      throw .damagedWindows("key group \(group) misses blocks or has too many")
    }
  }
}

extension StageFailure {
  static var otherWindows: StageFailure {
    StageFailure("the checkpoint is of other windows than the pipeline's; start without it, or undo the change")
  }

  static func damagedWindows(_ what: String) -> StageFailure {
    StageFailure("the checkpoint's state of the windows is damaged: \(what); go on from an earlier checkpoint")
  }
}
