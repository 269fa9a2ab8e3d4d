/// Which units of some pages are open: a bit each.
struct OpenUnits {
  private(set) var pages: [UInt32] = []

  var count: Int { pages.reduce(0) { $0 + $1.nonzeroBitCount } }

  mutating func open(_ unit: Int, pageCount: Int) {
    while pages.count < pageCount { pages.append(0) }
    pages[unit >> UnitPages.shift] |= 1 << UInt32(unit & (UnitPages.unitsPerPage - 1))
  }

  mutating func close(_ unit: Int) {
    pages[unit >> UnitPages.shift] &= ~(1 << UInt32(unit & (UnitPages.unitsPerPage - 1)))
  }

  /// The first from `unit` on in its page.
  func firstOfPage(from unit: Int) -> Int? {
    let rest = pages[unit >> UnitPages.shift] >> UInt32(unit & (UnitPages.unitsPerPage - 1))
    return rest == 0 ? nil : unit + rest.trailingZeroBitCount
  }

  /// The first from `unit` on.
  func first(from unit: Int) -> Int? {
    var from = unit
    while from >> UnitPages.shift < pages.count {
      if let open = firstOfPage(from: from) { return open }
      from = (from >> UnitPages.shift + 1) << UnitPages.shift
    }
    return nil
  }
}
