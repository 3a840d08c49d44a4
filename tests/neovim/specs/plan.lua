-- The server comes by itself; a plan is made, shown while it is, and inserted as one undo step.
local TEXT = [[
"""Shop."""


def total(numbers: list[int]) -> float:
    """The sum.

    >>> total([1, 2, 3])
    6.0
    """
    ...


def other():
    return 1
]]

return {
  text = TEXT,
  rules = {
    { [[<\|plan\|>$]], { '\n1. Use fsum.<|code|>' }, 1 },
    { [[<\|code\|>$]], { '\n    return math.fsum(numbers)<|end|>' } },
  },
  run = function(t)
    local client = t.client()
    t.eq(client.name, 'codeplan')
    t.eq(#vim.lsp.get_clients(), 1, 'clients')
    t.wait(function()
      return t.lenses()[1]
    end, 'code lens')
    t.eq(t.lenses(), { 'Plan then code' })

    t.go('def other')
    t.keys('Ox = 1<Esc>')
    local typed = t.text()
    t.ok(typed ~= TEXT)
    t.go('def total')
    local lines, status = {}, {}
    local timer = vim.uv.new_timer()
    timer:start(
      0,
      20,
      vim.schedule_wrap(function()
        lines[#lines + 1] = require('codeplan').statusline()
        status[#status + 1] = vim.lsp.status()
      end)
    )
    local result = t.command('Codeplan plan', 'planThenCode')
    timer:stop()

    t.eq(result.outcome, 'passed')
    t.eq(result.applied, true)
    local want = typed:gsub('    %.%.%.\n', '    return math.fsum(numbers)\n')
    want = want:gsub('"""Shop."""\n', '"""Shop."""\n\nimport math\n')
    t.eq(t.text(), want)
    t.told('total: passed')

    t.eq(t.progress[1].kind, 'begin')
    t.eq(t.progress[1].title, 'codeplan: writing total')
    t.wait(function()
      return t.progress[#t.progress].kind == 'end'
    end, 'end of the progress')
    local messages = vim.tbl_map(function(value)
      return value.message or ''
    end, t.progress)
    t.ok(table.concat(messages, '\n'):find('%d of 3'), 'plans are counted: ' .. table.concat(messages, '\n'))
    t.has(table.concat(lines, '\n'), 'codeplan: writing total: ')
    t.has(table.concat(status, '\n'), 'codeplan: writing total')
    t.eq(require('codeplan').statusline(), '', 'statusline after the end')

    vim.cmd('undo')
    t.eq(t.text(), typed, 'after one undo')
    vim.cmd('undo')
    t.eq(t.text(), TEXT, 'after the second undo')
    vim.cmd('redo')
    vim.cmd('redo')
    t.eq(t.text(), want, 'after redo')
  end,
}
