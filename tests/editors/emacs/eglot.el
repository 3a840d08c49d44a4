;;; eglot.el --- codeplan through eglot -*- lexical-binding: t; -*-

;; A command edits, one undo restores; code actions; flymake's diagnostics; the choice of a plan;
;; repair; cancelling.

(require 'eglot)
(setq eglot-sync-connect spec-seconds
      eglot-connect-timeout spec-seconds
      ;; Otherwise eglot asks before each edit.
      eglot-confirm-server-initiated-edits nil)
(codeplan-eglot-setup)
(setq-default eglot-workspace-configuration (list :codeplan (spec-settings)))

(defun spec-flymake ()
  "The diagnostics' texts."
  (flymake-start nil t)
  (mapcar #'flymake-diagnostic-text (flymake-diagnostics)))

(defun spec-run ()
  (let ((text (spec-text)) written)
    (apply #'eglot (eglot--guess-contact))
    (spec-wait "server" #'eglot-current-server)

    ;; The command edits.
    (spec-go "def total")
    (undo-boundary)
    (codeplan-plan)
    (spec-wait "edit" (lambda () (not (equal (spec-text) text))))
    (setq written (replace-regexp-in-string "    \\.\\.\\. # total\n" "    return sum(numbers)\n" text))
    (spec-same (spec-text) written "after codeplan-plan")
    (spec-told "total: passed")
    (undo-boundary)
    (setq last-command nil)
    (undo)
    (spec-same (spec-text) text "after one undo")

    ;; The code action edits.
    (spec-go "def half")
    (let ((asked (spec-choosing "Plan then code" (lambda () (call-interactively 'eglot-code-actions)))))
      (spec-same (cl-count-if (lambda (name) (string-match-p "Show plans" name)) (car asked))
                 1 "offers of plans"))
    (spec-wait "edit" (lambda () (string-match-p "return number // 2" (spec-text))))

    ;; Failing examples become diagnostics, and repair makes them pass.
    (spec-go "def span")
    (codeplan-examples)
    (spec-wait "diagnostic" (lambda () (cl-some (lambda (one) (string-match-p "expected 3, got -3" one))
                                                (spec-flymake))))
    (spec-go "def span")
    (codeplan-repair)
    (spec-wait "repair" (lambda () (not (string-match-p "return high - low\n" (spec-text)))))
    (spec-wait "end of the diagnostics" (lambda () (null (spec-flymake))))

    ;; A plan is chosen, and code is written from it.
    (spec-go "def total")
    (spec-choosing "Add the numbers up."
                   (lambda ()
                     (codeplan-plans)
                     (spec-wait "code" (lambda () (string-match-p "return sum(numbers)" (spec-text))))))

    ;; What takes long is stopped, and nothing is changed.
    (setq text (spec-text))
    (spec-go "def slow")
    (codeplan-plan)
    (let (status)
      (spec-wait "work"
                 (lambda ()
                   (codeplan--ask "status" nil (lambda (result) (setq status result)))
                   (spec-wait "status" (lambda () status))
                   (> (length (plist-get (prog1 status (setq status nil)) :works)) 0))))
    (codeplan-cancel)
    (spec-told "cancelled: nothing was changed")
    (spec-same (spec-text) text "after cancelling")
    (eglot-shutdown (eglot-current-server) nil spec-seconds)))
