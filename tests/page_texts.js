// What a reader could stumble over on a page: texts too faint or too small, and whatever sticks out on the right.
() => {
  const channels = (colour) => colour.match(/[\d.]+/g).map(Number);
  const luminance = (colour) => {
    const [r, g, b] = channels(colour).slice(0, 3).map((c) => {
      const s = c / 255;
      return s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const paper = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const colour = getComputedStyle(e).backgroundColor;
      const [, , , alpha = 1] = channels(colour);
      if (alpha === 1) return colour;
      if (alpha > 0) throw new Error(`half transparent: ${e.outerHTML}`);
    }
    throw new Error("no background");
  };
  const found = { texts: 0, faint: [], small: [], outside: [], background: paper(document.body) };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim();
    const element = walker.currentNode.parentElement;
    if (!text || !element.checkVisibility() || element.closest(".unseen")) continue;
    found.texts += 1;
    const style = getComputedStyle(element);
    const [light, dark] = [luminance(style.color), luminance(paper(element))].sort((a, b) => b - a);
    if ((light + 0.05) / (dark + 0.05) < 4.5) found.faint.push(text);
    if (parseFloat(style.fontSize) < 12) found.small.push(text);
    const range = document.createRange();
    range.selectNodeContents(walker.currentNode);
    if (range.getBoundingClientRect().right > document.documentElement.clientWidth) found.outside.push(text);
  }
  if (document.documentElement.scrollWidth > document.documentElement.clientWidth) found.outside.push("the page");
  return found;
}
