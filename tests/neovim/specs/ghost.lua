-- Ghost text: asked for by hand it searches and is shown; taken, it is in the buffer. By itself it
-- only shows what was found before.
-- Needs Neovim 0.12 or newer.
local TEXT = [[
def total(numbers):
    """The sum.

    >>> total([1, 2, 3])
    6
    """
    ...
]]

return {
  types = true,
  text = TEXT,
  rules = {
    { [[<\|plan\|>$]], { '\n1. Add the numbers up.<|code|>' } },
    { [[<\|code\|>$]], { '\n    return sum(numbers)<|end|>' } },
  },
  run = function(t)
    local client = t.client()
    t.ok(client.server_capabilities.inlineCompletionProvider, 'the server offers it')
    t.wait(function()
      return vim.lsp.inline_completion.is_enabled({ bufnr = t.buffer })
    end, 'inline completion')
    vim.keymap.set('i', '<F5>', '<Plug>(codeplan-complete)')
    vim.keymap.set('i', '<F6>', '<Plug>(codeplan-accept)')

    local function ghost()
      for name, namespace in pairs(vim.api.nvim_get_namespaces()) do
        if name:find('inline_completion', 1, true) then
          local marks = vim.api.nvim_buf_get_extmarks(t.buffer, namespace, 0, -1, { details = true })
          return marks[1] and marks[1][4].virt_text[1][1]
        end
      end
    end
    t.go('    ...')
    vim.api.nvim_input('I<F5>')
    t.wait(ghost, 'ghost text')
    t.eq(ghost(), 'return sum(numbers)')
    t.eq(t.text(), TEXT, 'nothing is inserted yet')
    vim.api.nvim_input('<F6>')
    t.wait(function()
      return t.text() ~= TEXT
    end, 'the code')
    t.eq(t.text(), (TEXT:gsub('    %.%.%.\n', '    return sum(numbers)\n')))
  end,
}
